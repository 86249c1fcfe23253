"""The table of channels: every name that the settings allow has one."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from digest import channels
from digest.channels.outbox import Outbox
from digest.channels.smtp import Smtp
from digest.settings import Delivery, Settings


def test_every_channel_of_the_settings_is_there():
    assert list(channels.CHANNELS) == list(get_args(Delivery.model_fields["channel"].annotation))


@pytest.mark.parametrize(("name", "kind"), [("outbox", Outbox), ("smtp", Smtp)])
def test_making_a_channel_touches_nothing(tmp_path: Path, name: str, kind: type):
    made = channels.make(Settings.model_validate({"delivery": {"channel": name}}), tmp_path)
    assert isinstance(made, kind)
    assert list(tmp_path.iterdir()) == []
