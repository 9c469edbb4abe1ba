"""The bundle: one archive with everything an edition rests on, which anyone can recompute."""

from xinzhi.publish.bundle.reading import Bundle, open_bundle
from xinzhi.publish.bundle.refusing import BundleError
from xinzhi.publish.bundle.verifying import Difference, verify_bundle
from xinzhi.publish.bundle.writing import write_bundle

__all__ = ["Bundle", "BundleError", "Difference", "open_bundle", "verify_bundle", "write_bundle"]
