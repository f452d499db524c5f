"""Every name of Daft and Ray that protoplast relies on. Each is checked before it is used."""
