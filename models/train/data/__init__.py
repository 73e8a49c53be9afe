"""The pictures: finding, splitting by patient, sampling, colouring and perturbing them."""
