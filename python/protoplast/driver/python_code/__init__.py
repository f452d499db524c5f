"""What the driver knows of Python code: the instances of class UDFs, such as models, and its time."""
