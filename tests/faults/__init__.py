"""What happens to a database when disks, processes and files go wrong."""
