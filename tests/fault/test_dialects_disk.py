"""The five documented APIs on a full disk: what cannot be written is refused in their own forms."""

import asyncio

from blackbox.client import Answer, Api
from blackbox.dialects.channels import Channel, Performances, open_channels, spots_of
from blackbox.mounts import small_disk, with_mounts

DISK_MEBIBYTES = 64
TRIES_MAX = 20_000


async def charge_until_refused(channel: Channel) -> None:
    for _ in range(TRIES_MAX):
        if (await channel.charge(10)).status == 503:
            return
    raise AssertionError("the disk never failed")


async def ask_to_enter(channels: list[Channel]) -> list[Answer]:
    """What a newcomer to each API asks first; to enter is to write."""
    _, by_token, schedules, availability, customers, dates = (channel.api for channel in channels)
    assert isinstance(channels[1], Performances)
    return [await by_token.get("/performaces", channels[1].access_token),
            await schedules.get("/api/queue/500"),
            await availability.post("/api/v1/users/token", {"userId": "500", "browserId": "b"}),
            await customers.post("/customer/waiting/enter", {"customerId": 500}),
            await dates.post("/api/issue", {"userId": 500})]


@with_mounts
async def test_a_full_disk(park):
    """The clients check the form of each refusal, and that it says when to try again."""
    with small_disk(DISK_MEBIBYTES) as disk:
        server = park.start(database=disk.path / "onsale.db")
        async with (open_channels(server, lambda index: index + 1, unavailable_ok=True) as channels,
                    open_channels(server, lambda _: 501, unavailable_ok=True) as newcomers,
                    Api(server.url, unavailable_ok=True) as plain):
            spots = await spots_of(plain, 1)
            for channel, spot in zip(channels, spots):
                await channel.enter()
                (await channel.hold(spot)).expect(channel.HELD)
            disk.fill()
            for channel, spot in zip(channels, spots[10:]):
                await charge_until_refused(channel)
                (await channel.hold(spot)).expect(503)
                assert await channel.see(spot) == channel.WORDS["available"]
            for answer in await ask_to_enter(newcomers):
                answer.expect(503)
            disk.empty()
            await plain.wait_until_ready()
            for channel, spot in zip(channels, spots):
                (await channel.charge(spot.price)).expect(200, 201)
                (await channel.pay(spot)).expect(200, 201)
        server.verify()
        await asyncio.to_thread(server.stop)
