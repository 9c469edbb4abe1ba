"""The public site of an edition: static files that any web server gives, in Chinese and English."""

from xinzhi.publish.website.writing import write_site

__all__ = ["write_site"]
