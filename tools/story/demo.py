"""Plays a story with the real programs: the lab and spillwayd as processes of their own, real TLS, HTTP and DNS.

Called by tools/demo, which builds them. Exit code 0 only if the story held.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile

from burst import Burst
from programs import Daemon, Lab, StoryError
from scenario import all_scenarios
from stage import Stage
from summary import show_rows
from table import colour

SCENARIOS = {Burst.name: Burst} | all_scenarios()


def arguments():
    parser = argparse.ArgumentParser(prog="tools/demo", description="Plays a story with the real programs.")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="burst", help="which story (default: burst)")
    parser.add_argument("--list", action="store_true", help="list the stories and end")
    parser.add_argument("--keep", action="store_true", help="leave lab and daemon running at the end, until Ctrl-C")
    parser.add_argument("--seed", type=int, default=1, help="of the lab's randomness (default: 1)")
    parser.add_argument("--lab", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--daemon", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--ctl", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def play(options, folder):
    """Runs one story in `folder`; raises StoryError when it did not hold."""
    lab = Lab(options.lab, folder, ["--seed", str(options.seed)])
    daemon = None
    try:
        lab.up()
        daemon = Daemon(options.daemon, lab.path("spillway.yaml"), folder).up()
        print(f"demo: the lab is up (its files: {folder}), spillwayd is ready")
        print(f"demo: the dashboard: {daemon.url}/ (its token stands in {lab.path('admin.token')})")
        print(f"demo: look around meanwhile: . {lab.path('lab.env')}; {options.ctl} status")
        stage = Stage(lab, daemon)
        story = SCENARIOS[options.scenario](stage)
        story.play()
        show_rows(story.rows())
        story.judge()
        if options.keep:
            print("demo: lab and daemon stay until you press Ctrl-C")
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        for program in (daemon, lab):
            if program is not None:
                program.end()


def main():
    options = arguments()
    if options.list:
        for name, story in SCENARIOS.items():
            print(f"{name:12} {story.tells}")
        return 0
    folder = tempfile.mkdtemp(prefix="spillway-demo-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        play(options, folder)
    except StoryError as error:
        print(colour(f"\ndemo: the story did not hold: {error}", "31"), file=sys.stderr)
        print(f"demo: logs, journal and state are kept in {folder}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted")
        shutil.rmtree(folder)
        return 130
    shutil.rmtree(folder)
    print(colour("demo: the story held", "32"))
    return 0


if __name__ == "__main__":
    os.environ["PYTHONUNBUFFERED"] = "1"
    sys.exit(main())
