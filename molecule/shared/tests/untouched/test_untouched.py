"""Nothing on the host is younger than the end of its preparation."""

from __future__ import annotations

from testinfra.host import Host

# Ansible's own folder for temporary files, and what a running systemd writes by itself.
ALLOWED = "|".join(
    [
        "^/(root|home/[a-z]+)(/.ansible.*)?$",
        "^/(run|tmp)$",
        "^/var/(lib/systemd|log/journal)(/|$)",
        "^/var/log/[bw]tmp$",
        # Ansible asks apt what is installed, and apt remembers.
        "^/var/(cache|log)/apt(/(src)?pkgcache.bin|/eipp.log.xz)?$",
    ]
)


def test_no_file_was_touched(host: Host) -> None:
    command = f"find / -xdev -newer /.prepared ! -path '/proc/*' ! -path '/sys/*' | grep -Ev '{ALLOWED}'"
    assert host.run(command).stdout == ""


def test_nothing_runs(host: Host) -> None:
    assert host.run("pgrep --full --list-full '[p]refect'").stdout == ""
