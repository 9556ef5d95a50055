"""Connection of a script to a LibreOffice that listens at a pipe.

Imported by scripts that Debian's Python runs, which LibreOffice's own library belongs to, not that of the tests.
"""

import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def connect(pipe: str) -> object:
    """Wait for the LibreOffice that listens at the pipe and return its desktop."""
    resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(600):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstance("com.sun.star.frame.Desktop")
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice does not answer")


def property_value(name: str, value: object) -> PropertyValue:
    result = PropertyValue()
    result.Name, result.Value = name, value
    return result
