"""Other engines and the engine itself as judges: side by side runs, fuzzing, the comparison page."""
