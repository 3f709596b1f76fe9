"""What the native API says of the things that a dialect shows under other names."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from blackbox.client import Answer, Api, Buyer, Json, seats_of
from blackbox.server import Server

EXPIRY_SECONDS_MAX = 30
THREE_BRIEF_CLAIMS = {"waiting_room.active_sessions_max": 3, "waiting_room.claim_timeout": "1s"}


async def visitor(api: Api, token: str) -> Json:
    return (await api.get(f"/v1/visitors/{token}")).expect(200)


async def performances(api: Api, event: int) -> list[Json]:
    return await api.pages(f"/v1/events/{event}/performances")


async def reservations(buyer: Buyer) -> list[Json]:
    return await buyer.api.pages("/v1/reservations", buyer.token)


async def newest(buyer: Buyer) -> Json:
    return (await reservations(buyer))[-1]


async def status_of(api: Api, performance: int, *seats: int) -> set[str]:
    """In which of the statuses these seats are."""
    return {seat["status"] for seat in await seats_of(api, performance) if seat["id"] in seats}


async def until_expired(buyer: Buyer, reservation: int) -> None:
    path, deadline = f"/v1/reservations/{reservation}", time.monotonic() + EXPIRY_SECONDS_MAX
    while (await buyer.api.get(path, buyer.token)).expect(200)["state"] == "held":
        assert time.monotonic() < deadline, f"reservation {reservation} does not expire"
        await asyncio.sleep(0.05)


async def check_sign_of_life(server: Server, enter: Callable[[int], Awaitable[Answer]],
                             show_up: Callable[[int], Awaitable[Answer]]) -> None:
    """Who enters an open room through a dialect, or asks through it once admitted, has claimed the
    session; with THREE_BRIEF_CLAIMS. Fan 5 never shows up, to know when the others' time is over.
    """
    async with Api(server.url) as api:
        buyers = {number: Buyer(api, server.tokens.fan(number)) for number in range(1, 7)}

        async def arrive(number: int) -> str:
            return (await buyers[number].enter()).expect(201)["token"]
        (await enter(1)).expect(200)
        leaving = {number: await arrive(number) for number in (2, 3)}
        (await enter(4)).expect(200)
        absent, last = await arrive(5), await arrive(6)
        (await buyers[2].leave(leaving[2])).expect(200)
        (await show_up(4)).expect(200, 201)
        (await buyers[3].leave(leaving[3])).expect(200)
        assert (await buyers[6].wait_until_active(last))["state"] == "active"
        assert (await visitor(api, absent))["state"] == "expired"
        for number in (1, 4):
            assert (await buyers[number].enter()).expect(200)["state"] == "active"
