"""Training, quantisation and export of the Histoscope classifier. See README.md."""
