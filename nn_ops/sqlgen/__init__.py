"""A network as SQL scripts: image in, class out, the layers chained inside the engine."""
