"""Every name of Daft's and Ray's that protoplast relies on, checked before it is used."""
