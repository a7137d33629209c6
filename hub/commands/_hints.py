"""How what is in the way is cleared from the shell: a command for each step that the hub names (`hub.obstacle`)."""

from __future__ import annotations

from hub.obstacle import Obstacle, Step
from schemas.text import Sentence, Text

HINTS: dict[Step, Sentence] = {
    Step.CONNECT: Sentence(vi="thêm bằng “edochub endpoints add”", en="add one with “edochub endpoints add”"),
    Step.CHOOSE: Sentence(vi="hãy chọn nơi nhận bằng --to MÃ", en="choose one of them with --to CODE"),
    Step.AGAIN: Sentence(vi="vẫn muốn gửi lại thì thêm --again", en="--again sends it anyway"),
    Step.RELEASE: Sentence(vi="dùng “edochub release {about}”", en="use “edochub release {about}”"),
    Step.RESEND: Sentence(
        vi="gửi lại bằng “edochub resend {about}”", en="“edochub resend {about}” sends it again"
    ),
    Step.SWITCH_ON: Sentence(
        vi="mở bằng “edochub endpoints enable {about}”", en="“edochub endpoints enable {about}” opens it"
    ),
    Step.SEE_ACCOUNTS: Sentence(vi="xem “edochub accounts list”", en="see “edochub accounts list”"),
    Step.NAME_AGENCY: Sentence(vi="thêm --agency MÃ", en="add --agency CODE"),
    Step.NO_AGENCY: Sentence(vi="bỏ --agency", en="leave --agency out"),
}


def with_hint(said: Text) -> Text:
    """Return what was said, with the command that clears the way if there is one."""
    if not isinstance(said, Obstacle):
        return said
    hint = HINTS[said.step].say(about=said.about)
    return Text(vi=f"{said.vi}; {hint.vi}", en=f"{said.en}; {hint.en}")
