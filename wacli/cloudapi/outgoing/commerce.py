"""Products, catalogues and orders (facts: cloud-api.md section 2). Amounts are integers in units of 1/offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from . import limits
from .envelope import Json
from .interactive import Frame, framed, need_body

_MOST_PRODUCTS = 30


@dataclass(frozen=True, slots=True)
class ProductMessage:
    """One product of the catalogue; the words are optional."""

    kind: ClassVar[str] = "interactive"
    catalog_id: str
    product_id: str
    frame: Frame = field(default_factory=Frame)

    def payload(self) -> Json:
        """`{type: "product", ..., action: {catalog_id, product_retailer_id}}`."""
        if self.frame.header is not None:
            raise Invalid("bad-header", t("A single product takes no header"))
        action: Json = {"catalog_id": self.catalog_id, "product_retailer_id": self.product_id}
        return framed("product", self.frame, action)


@dataclass(frozen=True, slots=True)
class ProductSection:
    """A part of a product list: its title and the product ids."""

    title: str
    product_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductListMessage:
    """Up to 30 products in up to ten sections; a header in words is required."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    catalog_id: str
    sections: tuple[ProductSection, ...]

    def payload(self) -> Json:
        """`{type: "product_list", header, body, ..., action: {catalog_id, sections}}`."""
        need_body(self.frame)
        if not isinstance(self.frame.header, str):
            raise Invalid("empty-text", t("A list of products needs a header in words"))
        limits.check_count(self.sections, 1, limits.SECTIONS, t("Sections"))
        products = [product for section in self.sections for product in section.product_ids]
        limits.check_count(products, 1, _MOST_PRODUCTS, t("Products"))
        sections = [
            {
                "title": limits.check_length(section.title, limits.ROW_TITLE, t("The section title")),
                "product_items": [{"product_retailer_id": product} for product in section.product_ids],
            }
            for section in self.sections
        ]
        return framed("product_list", self.frame, {"catalog_id": self.catalog_id, "sections": sections})


@dataclass(frozen=True, slots=True)
class CatalogMessage:
    """A button that opens the catalogue; `thumbnail` is the product whose picture is shown."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    thumbnail: str | None = None

    def payload(self) -> Json:
        """`{type: "catalog_message", ..., action: {name, parameters?}}`."""
        need_body(self.frame)
        action: Json = {"name": "catalog_message"}
        if self.thumbnail is not None:
            action["parameters"] = {"thumbnail_product_retailer_id": self.thumbnail}
        return framed("catalog_message", self.frame, action)


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` / `offset` of the order's currency, with the words Meta allows beside it."""

    value: int
    offset: int = 100
    description: str | None = None
    program: str | None = None  # discounts only

    def payload(self) -> Json:
        """`{value, offset, description?, discount_program_name?}`."""
        content: Json = {"value": self.value, "offset": self.offset}
        if self.description is not None:
            content["description"] = self.description
        if self.program is not None:
            content["discount_program_name"] = self.program
        return content


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order."""

    retailer_id: str
    name: str
    amount: Amount
    quantity: int
    sale_amount: Amount | None = None

    def payload(self) -> Json:
        """One element of `items`."""
        content: Json = {
            "retailer_id": self.retailer_id,
            "name": self.name,
            "amount": self.amount.payload(),
            "quantity": self.quantity,
        }
        if self.sale_amount is not None:
            content["sale_amount"] = self.sale_amount.payload()
        return content


@dataclass(frozen=True, slots=True)
class Order:
    """What is bought and what it sums to."""

    items: tuple[OrderItem, ...]
    subtotal: Amount
    tax: Amount
    shipping: Amount | None = None
    discount: Amount | None = None
    status: str = "pending"

    def payload(self) -> Json:
        """The `order` object."""
        content: Json = {
            "status": self.status,
            "items": [item.payload() for item in self.items],
            "subtotal": self.subtotal.payload(),
            "tax": self.tax.payload(),
        }
        if self.shipping is not None:
            content["shipping"] = self.shipping.payload()
        if self.discount is not None:
            content["discount"] = self.discount.payload()
        return content


@dataclass(frozen=True, slots=True)
class OrderDetailsMessage:
    """A bill to pay inside the chat (a few countries only). `payment` is the part that differs by country."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    reference_id: str
    goods: str  # digital-goods or physical-goods
    currency: str
    total: Amount
    order: Order
    payment: Mapping[str, object]

    def payload(self) -> Json:
        """`{type: "order_details", ..., action: {name: "review_and_pay", parameters}}`."""
        need_body(self.frame)
        parameters: Json = {
            "reference_id": self.reference_id,
            "type": self.goods,
            "currency": self.currency,
            "total_amount": self.total.payload(),
            "order": self.order.payload(),
            **self.payment,
        }
        return framed("order_details", self.frame, {"name": "review_and_pay", "parameters": parameters})


@dataclass(frozen=True, slots=True)
class OrderStatusMessage:
    """News of an order that was sent before: `status` as Meta spells it (`processing`, `shipped`, ...)."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    reference_id: str
    status: str
    description: str | None = None

    def payload(self) -> Json:
        """`{type: "order_status", ..., action: {name: "review_order", parameters}}`."""
        need_body(self.frame)
        order: Json = {"status": self.status}
        if self.description is not None:
            order["description"] = self.description
        parameters: Json = {"reference_id": self.reference_id, "order": order}
        return framed("order_status", self.frame, {"name": "review_order", "parameters": parameters})
