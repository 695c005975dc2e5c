"""Request bodies for `POST /{phone_number_id}/messages`: pure, typed in, JSON out.

Source: facts cloud-api.md sections 2, 4 and 7. Nothing here opens a socket or knows a token. A content object says
what is sent, an `Address` to whom, `Extras` what rides along; `body_of` puts them together and refuses what Meta would.
"""

from __future__ import annotations

from .commerce import (
    Amount,
    CatalogMessage,
    Order,
    OrderDetailsMessage,
    OrderItem,
    OrderStatusMessage,
    ProductListMessage,
    ProductMessage,
    ProductSection,
)
from .envelope import Address, Content, Extras, Json, body_of, read_body
from .interactive import (
    AddressRequest,
    ButtonsMessage,
    CallButton,
    CallPermissionRequest,
    CarouselCard,
    CarouselMessage,
    FlowMessage,
    Frame,
    LinkMessage,
    ListMessage,
    LocationRequest,
    PhoneRequest,
    ReplyButton,
    Row,
    Section,
)
from .plain import (
    CardAddress,
    CardEmail,
    CardName,
    CardPhone,
    CardUrl,
    ContactCard,
    ContactsMessage,
    File,
    LocationMessage,
    MediaMessage,
    ReactionMessage,
    TextMessage,
)
from .template import TemplateMessage

__all__ = [
    "Address",
    "AddressRequest",
    "Amount",
    "ButtonsMessage",
    "CallButton",
    "CallPermissionRequest",
    "CardAddress",
    "CardEmail",
    "CardName",
    "CardPhone",
    "CardUrl",
    "CarouselCard",
    "CarouselMessage",
    "CatalogMessage",
    "ContactCard",
    "ContactsMessage",
    "Content",
    "Extras",
    "File",
    "FlowMessage",
    "Frame",
    "Json",
    "LinkMessage",
    "ListMessage",
    "LocationMessage",
    "LocationRequest",
    "MediaMessage",
    "Order",
    "OrderDetailsMessage",
    "OrderItem",
    "OrderStatusMessage",
    "PhoneRequest",
    "ProductListMessage",
    "ProductMessage",
    "ProductSection",
    "ReactionMessage",
    "ReplyButton",
    "Row",
    "Section",
    "TemplateMessage",
    "TextMessage",
    "body_of",
    "read_body",
]
