"""The device description of UPnP Device Architecture 2.0, section 2.3."""

from xml.sax.saxutils import escape

from lab.speaks.settings import Settings


class Description(Settings):
    """What the description document says; empty elements are left out."""

    path: str
    device_type: str = "urn:schemas-upnp-org:device:Basic:1"
    friendly_name: str
    manufacturer: str
    manufacturer_url: str = ""
    model_description: str = ""
    model_name: str
    model_number: str = ""
    serial: str = ""
    udn: str
    presentation_url: str = ""

    def document(self) -> bytes:
        """The description as XML."""
        elements = (
            ("deviceType", self.device_type),
            ("friendlyName", self.friendly_name),
            ("manufacturer", self.manufacturer),
            ("manufacturerURL", self.manufacturer_url),
            ("modelDescription", self.model_description),
            ("modelName", self.model_name),
            ("modelNumber", self.model_number),
            ("serialNumber", self.serial),
            ("UDN", f"uuid:{self.udn}"),
            ("presentationURL", self.presentation_url),
        )
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements if text)
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<root xmlns="urn:schemas-upnp-org:device-1-0">'
            "<specVersion><major>1</major><minor>0</minor></specVersion>"
            f"<device>{inner}</device></root>\n"
        ).encode()
