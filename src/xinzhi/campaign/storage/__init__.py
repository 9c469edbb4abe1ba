"""Files by their content, encrypted with the key of the return they belong to; the keys lie apart."""
