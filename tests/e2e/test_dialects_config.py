"""Which dialects a server speaks, and where it may do so."""

import asyncio

import pytest

from blackbox.binary import binary, run, run_ok
from blackbox.client import Answer, Api
from blackbox.dialects import availability, customers, dates, performances, schedules
from blackbox.dialects.channels import spots_of
from blackbox.server import Server

# One address of each that needs nothing to be there: whoever speaks the dialect does not say 404.
SIGNS = {"performances": ("POST", "/signIn"), "schedules": ("GET", "/api/concerts/schedule"),
         "availability": ("POST", "/api/v1/users/token"),
         "customers": ("POST", "/customer/waiting/enter"), "dates": ("POST", "/api/issue")}
CLIENTS = {"performances": performances, "schedules": schedules, "availability": availability,
           "customers": customers, "dates": dates}
UNAUTHENTICATED = [name for name in SIGNS if name != "performances"]
EVERYWHERE = "0.0.0.0:0"


async def check_spoken(server: Server, names: set[str]) -> None:
    """Exactly these: the others answer like any address that is not there."""
    async with Api(server.url) as plain:
        documented = (await plain.get("/openapi.json")).expect(200)["paths"]
        for name, (method, path) in SIGNS.items():
            assert (path in documented) == (name in names), name
            if name in names:
                await check_form(server, name, method, path)
            elif not (path.startswith("/api") and "dates" in names):  # which has all the rest of /api
                body = (await plain.call(method, path)).refused(404, "not-found")
                assert body["instance"] == path


async def check_form(server: Server, name: str, method: str, path: str) -> Answer:
    async with CLIENTS[name].client(server.url) as api:
        answer = await api.call(method, path)
        assert answer.status in (400, 401), str(answer)
        return answer


@pytest.mark.parametrize("enabled, spoken", [
    (None, set()), ("none", set()), ("all", set(SIGNS)), ("performances", {"performances"}),
    ("dates", {"dates"}), ("schedules,customers", {"schedules", "customers"}),
    ("customers,availability", {"customers", "availability"})])
async def test_without_the_demo(park, enabled, spoken):
    server = park.start({} if enabled is None else {"dialects.enabled": enabled}, demo=False)
    await check_spoken(server, spoken)


@pytest.mark.parametrize("enabled, spoken", [
    (None, set(SIGNS)), ("none", set()), ("availability", {"availability"})])
async def test_with_the_demo(park, enabled, spoken):
    await check_spoken(park.start({} if enabled is None else {"dialects.enabled": enabled}), spoken)


async def test_from_the_environment_and_a_file(park):
    """As all configuration; what is said there counts with the demo, too."""
    server = park.start(environment={"ONSALE_DIALECTS__ENABLED": "dates"})
    await check_spoken(server, {"dates"})
    other = park.make()
    (other.folder / "onsale.toml").write_text('[dialects]\nenabled = "none"\n')
    other.command = lambda original=other.command: [*original(), "--config", "onsale.toml"]
    other.start()
    await check_spoken(other, set())


@pytest.mark.parametrize("setting, names", [
    ("dialects.enabled=everything", "everything"),
    ("dialects.enabled=performances,shedules", "shedules"),
    ("dialects.enabled=Dates", "Dates"), ("dialects.allow_unauthenticated=perhaps", "perhaps"),
    ("dialects.default_event=0", "0"), ("dialects.default_event=first", "first"),
    ("dialects.default_event=-1", "-1"), ("dialects.enable=all", "dialects.enable")])
def test_mistakes_are_named(folder, setting, names):
    done = run("serve", "--set", setting, "--listen", "127.0.0.1:0", cwd=folder)
    assert 0 < done.returncode < 100
    assert setting.partition("=")[0] in done.stderr and names in done.stderr, done.stderr
    assert "ready on" not in done.stdout
    assert list(folder.iterdir()) == [], "a refused start left something behind"


def test_help_has_the_keys(folder):
    text = run_ok("serve", "--help", cwd=folder)
    for key in ("dialects.enabled", "dialects.allow_unauthenticated", "dialects.default_event"):
        assert key in text


# ---- who may be reached from elsewhere -----------------------------------------------

def start_everywhere(park, *arguments: str, demo: bool = False) -> Server:
    server = park.make(demo=demo)
    flags = ["--demo"] if demo else []
    server.command = lambda: [binary(), "serve", "--listen", EVERYWHERE, "--database", server.database,
                              *flags, *arguments]
    return server.start()


@pytest.mark.parametrize("enabled", ["all", "performances,dates", *UNAUTHENTICATED])
def test_not_everywhere_without_permission(folder, enabled):
    done = run("serve", "--listen", EVERYWHERE, "--set", f"dialects.enabled={enabled}", cwd=folder)
    misuse = run("serve", "--set", "dialects.enabled=everything", cwd=folder)
    assert done.returncode == misuse.returncode
    assert "dialects.allow_unauthenticated" in done.stderr and "0.0.0.0" in done.stderr, done.stderr
    assert "ready on" not in done.stdout
    assert list(folder.iterdir()) == []


async def test_everywhere_with_permission(park):
    server = start_everywhere(park, "--set=dialects.enabled=all",
                              "--set=dialects.allow_unauthenticated=true")
    await check_spoken(server, set(SIGNS))


async def test_who_signs_in_may_be_anywhere(park):
    await check_spoken(start_everywhere(park, "--set=dialects.enabled=performances"), {"performances"})


async def test_nothing_is_on_everywhere_by_itself(park):
    await check_spoken(start_everywhere(park), set())


def test_a_demo_elsewhere(park, folder):
    """--demo-anywhere is the permission for both; the key alone is not one for the demo."""
    server = start_everywhere(park, "--demo-anywhere", demo=True)
    asyncio.run(check_spoken(server, set(SIGNS)))
    done = run("serve", "--demo", "--listen", EVERYWHERE, "--set",
               "dialects.allow_unauthenticated=true", cwd=folder)
    assert done.returncode != 0 and "--demo-anywhere" in done.stderr
    assert list(folder.iterdir()) == []


# ---- the event that `dates` is about ---------------------------------------------------

@pytest.mark.parametrize("event, first_night, label", [(1, 1, 1), (2, 4, "F1-A-1"), (3, 6, 1)])
async def test_default_event(park, event, first_night, label):
    server = park.start({"dialects.default_event": event})
    async with Api(server.url) as plain, dates.client(server.url) as api:
        nights = await plain.pages(f"/v1/events/{event}/performances")
        assert nights[0]["id"] == first_night
        wanted = [(await spots_of(plain, night["id"]))[0] for night in nights]
        user = dates.User(api, 1)
        assert (await user.dates()).expect(200) == [spot.date for spot in wanted]
        for spot in wanted:
            first = (await user.seats(spot.date)).expect(200)[0]
            assert (first["seatId"], first["seatNumber"]) == (spot.seat, label)
