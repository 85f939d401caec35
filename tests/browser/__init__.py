"""Tests of the pages as people meet them: in a browser, or over HTTP where nobody has to look."""
