"""The routes to other hubs: which codes are sent on, and to which endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._parts import ENDPOINT, json_option
from hub.commands._session import Session, operator
from hub.model import Delivery
from hub.routes import Route, meaning
from hub.show import Toned
from hub.store import routes as route_store
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

PATTERN = Text(vi="MẪU", en="PATTERN")
ABOUT_PATTERN = Text(
    vi="H49.* (mã theo QĐ 20/2020), *.H49 (mã theo QCVN 102:2016), một mã trọn vẹn, hoặc * cho mọi mã còn lại.",
    en="H49.* (codes by QĐ 20/2020), *.H49 (by QCVN 102:2016), a whole code, or * for whatever is left.",
)
OWN = Text(vi="(thuộc trục này)", en="(this hub's own)")


@group(
    "routes",
    about=Text(vi="Tuyến chuyển tiếp tới trục khác.", en="The routes to other hubs."),
)
def routes() -> None:
    """Patterns of codes, each with the endpoint that it leads to."""


@command(
    "add",
    about=Text(vi="Thêm một tuyến.", en="Add a route."),
    more=Text(
        vi=(
            "Cơ quan có điểm kết nối riêng được ưu tiên; sau đó là mẫu dài nhất. Văn bản đang tạm giữ mà tuyến này dẫn "
            "tới được chuyển ngay."
        ),
        en=(
            "An agency's own endpoint goes first, then the longest pattern. Documents that are held and that this "
            "route leads on go out at once."
        ),
    ),
    examples=(
        (
            'edochub routes add "H49.*" --endpoint truc-tinh',
            Text(
                vi="Mọi mã bên dưới H49 đi qua trục của tỉnh.",
                en="All codes below H49 go to the province's hub.",
            ),
        ),
        (
            'edochub routes add "H49.61.*" --here',
            Text(vi="Các mã này ở ngay trục này.", en="These codes are this hub's own."),
        ),
    ),
)
@argument("pattern", value=PATTERN, about=ABOUT_PATTERN)
@option(
    "--endpoint",
    "endpoint_id",
    value=ENDPOINT,
    shell_complete=_completing.endpoints,
    about=Text(vi="Điểm kết nối của trục kế tiếp.", en="The endpoint of the next hub."),
)
@option(
    "--here",
    is_flag=True,
    about=Text(
        vi="Các mã này thuộc trục này: không chuyển tiếp, kể cả khi có tuyến *.",
        en="These codes are this hub's own: they are not sent on, whatever * says.",
    ),
)
@json_option
@click.pass_obj
def add(session: Session, pattern: str, endpoint_id: str | None, here: bool, as_json: bool) -> None:
    """Add one route, and let go what it leads on."""
    if here is (endpoint_id is not None):
        raise wrong_usage(
            Text(
                vi="cần đúng một trong hai: --endpoint hoặc --here", en="expected either --endpoint or --here"
            )
        )

    async def put_in(hub: Hub) -> tuple[Route, list[Delivery]]:
        wanted, actor = Route(pattern, endpoint_id), operator()
        stored = await hub.store.write(lambda tx: route_store.add(tx, wanted, actor), "add_route")
        await hub.refresh_directory()
        return stored, await hub.resume_held(None, actor)

    stored, released = session.ask(put_in)
    if as_json:
        show.as_json({**route_json(stored), "released": [delivery.id for delivery in released]})
        return
    done = Text(vi=f"Đã thêm tuyến {stored.pattern}.", en=f"The route {stored.pattern} is added.")
    show.line(Toned(done, "good"))
    if released:
        went = Text(
            vi=f"Đã cho chuyển {len(released)} lượt đang tạm giữ.",
            en=f"{so_many(len(released), 'delivery that was held goes', 'deliveries that were held go')} out.",
        )
        show.line(went)


@command(
    "list",
    about=Text(vi="Liệt kê các tuyến.", en="List the routes."),
    examples=(("edochub routes list", Text(vi="Các tuyến đang có.", en="List the routes there are.")),),
)
@json_option
@click.pass_obj
def listed(session: Session, as_json: bool) -> None:
    """List all routes, in the order of what they cover."""

    async def look(hub: Hub) -> tuple[Route, ...]:
        return hub.directory.routes

    found = session.ask(look)
    if as_json:
        show.as_json({"routes": [route_json(route) for route in found]})
        return
    columns = [
        Text(vi="Mẫu", en="Pattern"),
        Text(vi="Từ cấp 1 xuống", en="From level 1 down"),
        Text(vi="Điểm kết nối", en="Endpoint"),
    ]
    rows = [[each.pattern, ".".join(meaning(each.pattern)), each.endpoint or OWN] for each in found]
    empty = Text(
        vi="Chưa có tuyến nào; thêm bằng “edochub routes add MẪU --endpoint ĐIỂM_KẾT_NỐI”.",
        en="There are no routes; add one with “edochub routes add PATTERN --endpoint ENDPOINT”.",
    )
    show.table(columns, rows, empty=empty)


@command(
    "remove",
    about=Text(vi="Bỏ một tuyến.", en="Remove a route."),
    examples=(('edochub routes remove "H49.*"', Text(vi="Bỏ tuyến này.", en="Remove this route.")),),
)
@argument("pattern", value=PATTERN, about=ABOUT_PATTERN)
@json_option
@click.pass_obj
def remove(session: Session, pattern: str, as_json: bool) -> None:
    """Remove one route, named in either notation."""

    async def take_out(hub: Hub) -> Route:
        return await hub.store.write(lambda tx: route_store.remove(tx, pattern, operator()), "remove_route")

    removed = session.ask(take_out)
    if as_json:
        show.as_json(route_json(removed))
        return
    done = Text(vi=f"Đã bỏ tuyến {removed.pattern}.", en=f"The route {removed.pattern} is removed.")
    show.line(Toned(done, "good"))


def route_json(route: Route) -> dict[str, str | None]:
    """Return the shape that `--json` publishes; a route without an endpoint is this hub's own."""
    return {"pattern": route.pattern, "endpoint": route.endpoint}


for each in (add, listed, remove):
    routes.add_command(each)
