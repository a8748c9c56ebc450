#!/usr/bin/env python3
"""Presses Tab in real interactive shells and looks at what the completions in completions/ make of it.

    complete.py PROGRAM SHELL...      SHELL is bash, zsh or fish

What must be offered is taken from PROGRAM --help, so that an option that gets another value is
tried with it. The shells run in a terminal of their own, in an empty home directory.
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "ready> "
CONTROL = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>]|[()].)|[\r\x00\x07]")


def values_of(program):
    """The values of each option that names them in the long help: {"--color": ["auto", …]}."""
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    found, option, listing = {}, None, False
    for line in text.splitlines():
        names = re.match(r"\s+(?:-\w, )?(--[\w-]+)(?: <|$)", line)
        if names:
            option, listing = names.group(1), False
        elif line.strip() == "Possible values:":
            listing = True
        elif listing and (value := re.match(r"\s+- ([\w.-]+)", line)):
            found.setdefault(option, []).append(value.group(1))
        elif short := re.search(r"\[possible values: ([^\]]*)\]", line):
            found[option] = short.group(1).split(", ")
    return found


def commands_of(program, *above):
    """The commands that the help lists, each with its long options and the words it takes. One that
    leads to others has these instead."""
    text = subprocess.run([program, *above, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.MULTILINE)
    found = {}
    for name in re.findall(r"^  ([\w-]+)", listed.group(1) if listed else "", re.MULTILINE):
        if name == "help":
            # It takes the names of the others, and no options.
            continue
        page = subprocess.run([program, *above, name, "-h"], capture_output=True, text=True, check=True).stdout
        if "\nCommands:\n" in page:
            found |= commands_of(program, *above, name)
            continue
        arguments, _, options = page.partition("Options:")
        words = re.search(r"\[possible values: ([^\]]*)\]", arguments)
        long = re.findall(r"^ +(?:-\w, )?(--[\w.-]+)", options, re.MULTILINE)
        found[" ".join([*above, name])] = long, words.group(1).split(", ") if words else []
    return found


class Shell:
    """An interactive shell in a terminal; the command is a function that prints its arguments."""

    SETUP = {
        "bash": (
            ["bash", "--norc", "--noprofile", "-i"],
            "PS1='{prompt}'\nbind 'set bell-style none'\nbind 'set show-all-if-ambiguous on'\nbind 'set enable-bracketed-paste off'\n"
            "datakit-inject() {{ printf 'ran:'; printf ' <%s>' \"$@\"; echo; }}\n"
            "source '{root}/completions/datakit-inject.bash'\n",
        ),
        "zsh": (
            ["zsh", "-f", "-i"],
            "unsetopt zle_bracketed_paste prompt_cr; LISTMAX=1000; fpath=('{root}/completions' $fpath)\n"
            "autoload -Uz compinit; compinit -u -D; setopt no_beep no_auto_menu no_list_ambiguous\n"
            "datakit-inject() {{ printf 'ran:'; printf ' <%s>' \"$@\"; echo; }}\n"
            "PS1='{prompt}'; unset zle_bracketed_paste\n",
        ),
    }

    def __init__(self, name, home):
        command, setup = self.SETUP[name]
        self.name = name
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(home)
            environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
            os.execvpe(command[0], command, environment)
        self.child = child
        subprocess.run(["stty", "cols", "300", "rows", "100"], stdin=self.terminal, check=True)
        self.seen = ""
        # Not in one piece with a newline, so that the echo of the command is no prompt.
        (home / f"setup.{name}").write_text(setup.format(root=ROOT, prompt=PROMPT))
        self.send(f". ./setup.{name}\n")
        self.wait(PROMPT)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        self.seen += os.read(self.terminal, 65536).decode(errors="replace")
        return True

    def wait(self, text, seconds=20):
        """What came up to the text, without the terminal's control sequences."""
        end = time.monotonic() + seconds
        while text not in CONTROL.sub("", self.seen):
            if time.monotonic() > end:
                raise SystemExit(f"{self.name}: no {text!r} in {CONTROL.sub('', self.seen)!r}")
            self.read(0.2)
        seen, self.seen = CONTROL.sub("", self.seen), ""
        return seen

    def quiet(self):
        """Reads what the shell answers until it has nothing more to say."""
        self.read(10)
        while self.read(0.3):
            pass

    def accept(self, line):
        """The arguments with which the command runs after `line`, Tab and Enter."""
        self.send(f"datakit-inject {line}\t")
        self.quiet()
        self.seen = ""
        self.send("\n")
        return re.findall(r"<([^>]*)>", self.wait(PROMPT).split("ran:", 1)[1])

    def offers(self, line):
        """What Tab shows below `line`."""
        self.send(f"datakit-inject {line}")
        self.quiet()
        self.seen = ""
        self.send("\t")
        self.quiet()
        # The rest of the line is thrown away.
        shown, self.seen = CONTROL.sub(" ", self.seen), ""
        self.send("\x03")
        self.wait(PROMPT)
        return re.split(r"\s+", shown)

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


class Fish:
    """fish says what it would offer without a terminal."""

    name = "fish"

    def __init__(self, home):
        self.home = home

    def offers(self, line):
        script = f"source {ROOT}/completions/datakit-inject.fish; complete -C 'datakit-inject {line}'"
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True, cwd=self.home, env=environment
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def accept(self, line):
        *words, last = line.split(" ")
        offers = self.offers(line) or [last]
        if len(offers) != 1:
            raise SystemExit(f"fish: {line!r}: not one offer but {offers}")
        return [*words, offers[0]]

    def close(self):
        pass


class Trial:
    def __init__(self):
        self.passed = self.failed = 0

    def same(self, shell, what, got, wanted):
        if got == wanted:
            self.passed += 1
            return
        self.failed += 1
        print(f"{shell.name}: {what}: {got}, not {wanted}")

    def holds(self, shell, what, got, wanted, unwanted=()):
        missing = [word for word in wanted if word not in got]
        odd = [word for word in unwanted if word in got]
        self.same(shell, what, (missing, odd), ([], []))


def beginning(values, value):
    """The shortest beginning of a value that no other value has."""
    for length in range(1, len(value) + 1):
        if not any(other != value and other.startswith(value[:length]) for other in values):
            return value[:length]
    return value


def run(shell, values, commands, trial):
    for option, words in values.items():
        trial.holds(shell, f"{option} Tab", shell.offers(f"{option} "), words, ["web.yaml"])
        for word in words:
            line = f"{option} {beginning(words, word)}"
            trial.same(shell, f"{line} Tab", shell.accept(line), [option, word])
    only = values["--only"]
    line = f"--only {only[0]},{beginning(only, only[1])}"
    trial.same(shell, f"{line} Tab", shell.accept(line), ["--only", f"{only[0]},{only[1]}"])
    line = f"--skip {only[0]},{only[1]},{beginning(only, only[2])}"
    trial.same(shell, f"{line} Tab", shell.accept(line), ["--skip", ",".join(only[:3])])
    word = only[2]
    line = f"--only={beginning(only, word)}"
    trial.same(shell, f"{line} Tab", shell.accept(line), [f"--only={word}"])
    trial.holds(shell, "--o Tab", shell.offers("--o"), ["--only", "--output-dir"], ["--config"])
    trial.same(shell, "--conf Tab", shell.accept("--conf"), ["--config"])
    # A path, a folder, and a file for an option, short and long and after a sign.
    trial.holds(shell, "Tab", shell.offers("--diff "), ["web.yaml", "k8s/"], ["--only"])
    trial.same(shell, "we Tab", shell.accept("we"), ["web.yaml"])
    trial.same(shell, "--diff k8s/d Tab", shell.accept("--diff k8s/d"), ["--diff", "k8s/deploy.yaml"])
    trial.same(shell, "--config op Tab", shell.accept("--config op"), ["--config", "operator.json"])
    trial.same(shell, "-c op Tab", shell.accept("-c op"), ["-c", "operator.json"])
    trial.same(shell, "--config=op Tab", shell.accept("--config=op"), ["--config=operator.json"])
    trial.same(shell, "--output-dir k Tab", [word.rstrip("/") for word in shell.accept("--output-dir k")], ["--output-dir", "k8s"])
    # Options come behind paths, too.
    trial.holds(shell, "k8s --only Tab", shell.offers("k8s --only "), values["--only"], ["web.yaml"])
    trial.same(shell, "k8s we Tab", shell.accept("k8s we"), ["k8s", "web.yaml"])
    for name, (options, words) in commands.items():
        trial.same(shell, f"{name} Tab", shell.accept(name[:-2]), name.split())
        others = {"--only", "--plugin-home"}.difference(options)
        trial.holds(shell, f"{name} -- Tab", shell.offers(f"{name} --"), options, others)
        for word in words:
            trial.same(shell, f"{name} {word} Tab", shell.accept(f"{name} {beginning(words, word)}"), [*name.split(), word])
        first = name.split()[0][:-2]
        trial.same(shell, f"k8s {first} Tab", shell.accept(f"k8s {first}"), ["k8s", first])
        if not words:
            trial.same(shell, f"{name} we Tab", shell.accept(f"{name} we"), [*name.split(), "web.yaml"])
    groups = {name.split()[0] for name in commands if " " in name}
    for group in groups:
        below = [name.split()[1] for name in commands if name.startswith(f"{group} ")]
        trial.holds(shell, f"{group} Tab", shell.offers(f"{group} "), below, ["web.yaml", "--only"])


def main():
    program, *names = sys.argv[1:]
    values = values_of(program)
    if not {"--only", "--skip", "--operator-version", "--color"} <= values.keys():
        raise SystemExit(f"the values were not found in the help: {values}")
    commands = commands_of(program)
    trial = Trial()
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            (home / "k8s").mkdir()
            for path in ["web.yaml", "operator.json", "k8s/deploy.yaml"]:
                (home / path).write_text("")
            shell = Fish(home) if name == "fish" else Shell(name, home)
            before = trial.passed, trial.failed
            run(shell, values, commands, trial)
            shell.close()
            print(f"{name}: {trial.passed - before[0]} as they should be, {trial.failed - before[1]} not")
    print(f"{trial.passed} passed, {trial.failed} failed")
    sys.exit(1 if trial.failed or not trial.passed else 0)


main()
