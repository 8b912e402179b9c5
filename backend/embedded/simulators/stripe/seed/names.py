"""Company names, people, addresses and goods: words only, drawn by the seed's generator."""

import random
from dataclasses import dataclass

_ROOTS = [
    "Aalders",
    "Abendroth",
    "Adelmann",
    "Alberink",
    "Almqvist",
    "Amstelhout",
    "Anselm",
    "Arbogast",
    "Bakkum",
    "Barentsz",
    "Baumeister",
    "Beekman",
    "Bellandi",
    "Bergström",
    "Blanchet",
    "Boerhave",
    "Bonnard",
    "Brandsma",
    "Brück",
    "Calloway",
    "Carrasco",
    "Castelijn",
    "Chevalier",
    "Corbeau",
    "Dahlgren",
    "Dekkers",
    "Delacroix",
    "Dijkhuis",
    "Drummond",
    "Eikelboom",
    "Engström",
    "Escher",
    "Fabricius",
    "Falkenberg",
    "Ferraro",
    "Fontaine",
    "Gallagher",
    "Geerts",
    "Giordano",
    "Grünwald",
    "Haakonsen",
    "Halvorsen",
    "Harting",
    "Hellström",
    "Hoekstra",
    "Holloway",
    "Ibarra",
    "Innsbrook",
    "Jansma",
    "Jespersen",
    "Kastelein",
    "Keller",
    "Kirchner",
    "Koopmans",
    "Kuiper",
    "Lagerwey",
    "Lambrecht",
    "Lindqvist",
    "Lorenz",
    "Maartens",
    "Marchetti",
    "Meerdink",
    "Merkel",
    "Moreau",
    "Nederveen",
    "Nordmann",
    "Oldenburg",
    "Orsini",
    "Ostrander",
    "Palmgren",
    "Pellegrino",
    "Penrose",
    "Quist",
    "Raaymakers",
    "Reinholt",
    "Ridderbos",
    "Rossi",
    "Sandoval",
    "Schaeffer",
    "Sevenster",
    "Sørensen",
    "Steiner",
    "Tervoort",
    "Thorvald",
    "Uhlmann",
    "Vandermeer",
    "Verbruggen",
    "Villeneuve",
    "Vogelsang",
    "Wallenius",
    "Westerlund",
    "Wichmann",
    "Wolters",
    "Ypma",
    "Zandstra",
    "Zimmerli",
]
_PLACES = {
    "NL": (("B.V.", "N.V."), ("Rotterdam", "Utrecht", "Eindhoven", "Zwolle", "Breda", "Arnhem")),
    "DE": (("GmbH", "AG", "KG"), ("Hamburg", "Bremen", "Leipzig", "Köln", "Kassel", "Ulm")),
    "BE": (("BV", "NV"), ("Antwerpen", "Gent", "Leuven", "Hasselt")),
    "FR": (("SAS", "SARL"), ("Lyon", "Lille", "Nantes", "Grenoble")),
    "IT": (("S.r.l.", "S.p.A."), ("Torino", "Bologna", "Verona", "Brescia")),
    "AT": (("GmbH",), ("Graz", "Linz", "Salzburg")),
    "SE": (("AB",), ("Göteborg", "Malmö", "Uppsala")),
    "US": (("Inc.", "LLC", "Corp."), ("Columbus", "Denver", "Raleigh", "Boise", "Tulsa", "Akron")),
}
_STREETS = (
    "Industrieweg",
    "Havenstraat",
    "Bahnhofstrasse",
    "Rue du Port",
    "Kanaalkade",
    "Via Roma",
)
_US_STREETS = ("Commerce Drive", "Mill Road", "Harbor Avenue", "Foundry Street")
TRADES = {
    "Marine": ("Deck coating, 20 l", "Mooring line 24 mm", "Bilge pump service", "Hull inspection"),
    "Packaging": ("Corrugated boxes, type B", "Stretch film, roll", "Pallets EUR 1", "Label stock"),
    "Robotics": ("Gripper set", "Commissioning day", "Safety scanner", "Spare cable harness"),
    "Foods": ("Oat base, 25 kg", "Cold chain transport", "Vanilla extract, 5 l", "Shelf-life test"),
    "Textiles": ("Cotton twill, 100 m", "Dye lot, navy", "Sample cutting", "Workwear jackets"),
    "Instruments": (
        "Pressure sensor PT-40",
        "Calibration, on site",
        "Flow meter DN50",
        "Data logger",
    ),
    "Print": ("Catalogue, 2,000 copies", "Plate set", "Folding and binding", "Display boards"),
    "Energy": ("Inverter module", "Site survey", "Cable tray, 3 m", "Meter replacement"),
    "Timber": ("Oak boards, 40 mm", "Kiln drying", "Plywood, birch", "Freight, full load"),
    "Software": ("User licences, quarter", "Integration work, day", "Support plan", "Training day"),
    "Catering": ("Conference lunch", "Kitchen rental", "Barista service, day", "Glassware hire"),
    "Bikes": ("Frame set, size 54", "Wheel build", "Workshop tools", "Brake pads, box of 50"),
}
_FORENAMES = (
    "Anna",
    "Bram",
    "Chiara",
    "David",
    "Elise",
    "Femke",
    "Gustav",
    "Hanna",
    "Ivo",
    "Julia",
)


@dataclass(frozen=True)
class Identity:
    """Who a customer is on paper."""

    name: str
    form: str
    trade: str
    country: str
    city: str
    street: str
    postal_code: str
    domain: str
    mailbox: str
    phone: str
    tax_number: str

    @property
    def legal_name(self) -> str:
        """With the legal form: "Halvorsen Marine B.V."."""
        return f"{self.name} {self.form}".strip()


def identities(rng: random.Random, number: int, currency: str) -> list[Identity]:
    """So many different companies, in the countries that fit the currency."""
    pairs = [(root, trade) for root in _ROOTS for trade in TRADES]
    countries = (
        ["US"] if currency == "usd" else ["NL"] * 4 + ["DE"] * 3 + ["BE", "FR", "IT", "AT", "SE"]
    )
    return [
        _identity(rng, root, trade, rng.choice(countries))
        for root, trade in rng.sample(pairs, number)
    ]


def _identity(rng: random.Random, root: str, trade: str, country: str) -> Identity:
    forms, cities = _PLACES[country]
    street = rng.choice(_US_STREETS if country == "US" else _STREETS)
    plain = root.lower().translate(str.maketrans("äöüøé", "aouoe"))
    return Identity(
        name=f"{root} {trade}",
        form=rng.choice(forms),
        trade=trade,
        country=country,
        city=rng.choice(cities),
        street=f"{street} {rng.randint(2, 240)}",
        postal_code=f"{rng.randint(10000, 99999)}",
        domain=f"{plain}-{trade.lower()}.example",
        mailbox=rng.choice(("accounts", "billing", "invoices", rng.choice(_FORENAMES).lower())),
        phone=f"+{rng.randint(30, 49)} {rng.randint(20, 99)} {rng.randint(1000000, 9999999)}",
        tax_number=f"{country}{rng.randint(100000000, 999999999)}",
    )
