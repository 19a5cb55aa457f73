"""What is out of the ordinary: few findings, each worth a look."""
