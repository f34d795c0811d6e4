#!/usr/bin/env python3
"""Writes what a shell and `man` show of the program, from what it says about itself: command_pages.py <waybill binary> <folder>

waybill.1, waybill-shell.1, completion.bash and completion.zsh.
"""

import os
import pathlib
import re
import subprocess
import sys

# The commands that take the options of a node.
NODE_COMMANDS = ("node", "config", "health", "backup", "restore")


class Program:
    def __init__(self, binary):
        self.binary = binary
        self.commands = re.findall(r"^  ([a-z]+) +(.*)$", self.says("help"), re.MULTILINE)
        self.version = self.says("version").split()[1]
        # [(topic, [(name, meaning)])]
        self.topics = [("", [])]
        for line in self.says("node", "--help=all").splitlines():
            option = re.match(r"^  --([a-z0-9-]+)=(?:<path>)? +(.*)$", line)
            if option:
                # A default that is made of the machine's name is none of another one's.
                name, meaning = option[1], re.sub(r"(\(default: [^)]*\)) \[.*\]$", r"\1", option[2]).removesuffix(" []")
                self.topics[-1][1].append((name, meaning))
            elif re.match(r"^[a-z]+: ", line):
                self.topics.append((line, []))

    def says(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WAYBILL_")}
        return subprocess.run([self.binary, *words], env=environment, check=True, capture_output=True, text=True).stdout

    def options(self):
        return [option for _, options in self.topics for option in options]


# -- waybill(1) -------------------------------------------------------------------------------------------------------------


def in_man(text):
    """In man(7) a backslash is an escape, a hyphen must be a minus, and a full stop at the beginning of a line a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def entry(term, meaning):
    return f".TP\n.B {in_man(term)}\n{in_man(meaning)}\n"


def man_page(program):
    page = (f'.TH WAYBILL 1 "" "waybill {in_man(program.version)}" "User Commands"\n'
            ".SH NAME\nwaybill \\- distributed order system\n"
            ".SH SYNOPSIS\n.B waybill\n.I command\n[\\fIoptions\\fR]\n"
            ".SH DESCRIPTION\nWaybill takes orders over HTTP and sees them through: stock, payment, delivery, notifications. "
            "A node has some of the roles, or all of them; the nodes of one PostgreSQL are a cluster. A node with SQLite is one alone.\n"
            ".SH COMMANDS\n")
    page += "".join(entry(name, meaning[0].upper() + meaning[1:] + ".") for name, meaning in program.commands)
    page += (".PP\n.B waybill\n.I command\n.B \\-\\-help\nsays more.\n"
             ".SH OPTIONS OF A NODE\nFor " + ", ".join(f"\\fB{name}\\fR" for name in NODE_COMMANDS) + ". Behind each stands its default.\n")
    for topic, options in program.topics:
        heading = topic.partition(": ")[2]
        page += f".SS {in_man(heading[0].upper() + heading[1:])}\n" if heading else ""
        page += "".join(entry(f"--{name}=", meaning) for name, meaning in options)
    page += (".SH ENVIRONMENT\nEach option is also a variable: \\fB\\-\\-log\\-level\\fR is \\fBWAYBILL_LOG_LEVEL\\fR. Flags win over variables, "
             "variables over the file. A secret can be the name of a file instead: \\fBWAYBILL_STORE_FILE\\fR.\n"
             ".SH FILES\n" + entry("/etc/waybill/waybill.conf", "The configuration of the service: lines of name = value.")
             + entry("/var/lib/waybill", "The database and the archive of events of the service.")
             + ".SH EXIT STATUS\n0: done; a node: it ended in order. 1: failed. 2: usage, or a configuration that is refused.\n"
             ".SH SEE ALSO\n.BR waybill\\-shell (1),\n.I /usr/share/doc/waybill/operations.md\n")
    return page


# -- completion -------------------------------------------------------------------------------------------------------------


def bash_completion(program):
    options = " ".join(f"--{name}=" for name, _ in program.options())
    commands = " ".join(name for name, _ in program.commands)
    return program.says("shell", "completion", "bash") + f"""
_waybill_command() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{commands}" -- "$word")); return
  fi
  # bash makes a word of the = behind an option.
  if [ "$word" = = ] || [ "$before" = = ]; then
    compopt -o filenames 2> /dev/null
    COMPREPLY=($(compgen -f -- "${{word#=}}")); return
  fi
  case ${{COMP_WORDS[1]}} in
    shell) _waybill ;;
    {"|".join(NODE_COMMANDS)})
      if [ "${{COMP_WORDS[1]}}$COMP_CWORD" = config2 ]; then
        COMPREPLY=($(compgen -W "check dump" -- "$word")); return
      fi
      compopt -o nospace 2> /dev/null
      COMPREPLY=($(compgen -W "{options}" -- "$word")) ;;
  esac
}}
complete -F _waybill_command waybill
"""


def in_zsh(text):
    return re.sub(r"([\\:\[\]])", r"\\\1", text).replace("'", "'\\''")


def zsh_completion(program):
    shell = program.says("shell", "completion", "zsh").replace("#compdef waybill\n", "").replace("compdef _waybill waybill\n", "")
    commands = "\n".join(f"    '{name}:{in_zsh(meaning)}'" for name, meaning in program.commands)
    options = " \\\n        ".join(f"'--{name}=[{in_zsh(meaning)}]:value:_files'" for name, meaning in program.options())
    return f"""#compdef waybill
{shell.replace("_waybill()", "_waybill_shell()")}
_waybill_command() {{
  local -a commands
  commands=(
{commands}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case ${{words[2]}} in
    shell) _waybill_shell ;;
    {"|".join(NODE_COMMANDS)})
      if [[ ${{words[2]}} == config ]] && (( CURRENT == 3 )); then _values command check dump; return; fi
      _arguments \\
        {options} ;;
  esac
}}
_waybill_command "$@"
"""


def main():
    program, folder = Program(sys.argv[1]), pathlib.Path(sys.argv[2])
    pages = {"waybill.1": man_page(program), "waybill-shell.1": program.says("shell", "man"),
             "completion.bash": bash_completion(program), "completion.zsh": zsh_completion(program)}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
