"""The instances of class UDFs, such as loaded models, as the driver sees them."""
