"""Shows that the demo does not have, made by the organiser: closed, over, with rules of their own."""

from dataclasses import dataclass

from blackbox.client import Api, Json, seats_of

PRICE = 70_000


@dataclass
class Night:
    """A performance with its event and its seats, each as the native API shows it."""

    event: Json
    performance: Json
    seats: list[Json]

    @property
    def id(self) -> int:
        return self.performance["id"]

    @property
    def first(self) -> int:
        return self.seats[0]["id"]


async def add_night(api: Api, organiser: str, *, seats: int = 5,
                    starts: str = "2040-01-01T10:00:00.000Z",
                    opens: str = "2020-01-01T00:00:00.000Z", **event: Json) -> Night:
    """An event with one performance; `event` are further members of it, such as hold_seconds."""
    show = {"title": "Extra", "artist": "Band", "venue_id": 1, "sales_open_at": opens} | event
    made = (await api.post("/v1/events", show, organiser)).expect(201)
    return await add_performance(api, organiser, made, seats=seats, starts=starts)


async def add_performance(api: Api, organiser: str, event: Json, *, seats: int, starts: str,
                          **performance: Json) -> Night:
    """`performance` are further members of it, such as sales_close_at."""
    night = {"event_id": event["id"], "name": "Night", "starts_at": starts,
             "price_tiers": [{"name": "A", "price": PRICE}]} | performance
    made = (await api.post("/v1/performances", night, organiser)).expect(201)
    path = f"/v1/performances/{made['id']}/seating-plan"
    (await api.post(path, _plan(seats), organiser)).expect(201)
    shown = (await api.get(f"/v1/performances/{made['id']}")).expect(200)
    return Night(event, shown, await seats_of(api, made["id"]))


def _plan(count: int) -> Json:
    seats = [{"seat_guid": f"g{n}", "seat_number": str(n), "category": "A", "position": {"x": n, "y": 0}}
             for n in range(1, count + 1)]
    row = {"row_number": "", "position": {"x": 0, "y": 0}, "seats": seats}
    return {"name": "Plan", "size": {"width": 100, "height": 100},
            "categories": [{"name": "A", "color": "#000000"}],
            "zones": [{"name": "", "position": {"x": 0, "y": 0}, "rows": [row]}]}
