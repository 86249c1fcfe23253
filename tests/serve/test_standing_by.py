"""What the log says of an instance that starts while another acts."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from serve_site import Site

from digest import schedule
from digest.schedule.lease import Lease


@pytest.mark.slow  # the watch on the inbox takes two seconds to end
@pytest.mark.parametrize(
    ("acting", "told"), [(True, "lease.awaited"), (False, "lease.taken")], ids=["one acts", "it is alone"]
)
def test_an_instance_says_whether_it_acts_or_stands_by(
    site: Callable[[str], Site], caplog: pytest.LogCaptureFixture, acting: bool, told: str
) -> None:
    own = site("")
    other = Lease(own.context.store, own.context.now)
    if acting:
        other.beat()
    caplog.clear()
    caplog.set_level(logging.INFO, "digest")
    with schedule.scheduling(own.context):
        pass
    assert told in caplog.messages
    assert len([text for text in caplog.messages if text.startswith("lease.")]) == 1
