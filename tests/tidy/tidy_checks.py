"""What the repository checks about itself, one function per rule.

A check takes the files as {path: text}, so that made-up ones can be tried on it, and
returns the problems it found, each as "path:line: what is wrong". None of them reads the
disk.
"""

import posixpath
import re

LINES_MAX = 500

# Which rooms a room may include. The order of the architecture's list, except that
# http knows no tickets and so uses none of the rooms before it.
MAY_USE = {
    "domain": set(),
    "store": {"domain"},
    "engine": {"domain", "store"},
    "http": set(),
    "rush": {"http"},
    "api": {"domain", "store", "engine", "http"},
    "sim": {"domain", "store", "engine"},
    "app": {"domain", "store", "engine", "http", "rush", "api", "sim"},
}

# What pure code may not name, and why.
IMPURE = [
    (r"(system|steady|high_resolution|utc)_clock::now|\bsteady_clock\b|\bhigh_resolution_clock\b"
     r"|\bclock_gettime\b|\bgettimeofday\b|\btime\(\s*(nullptr|NULL|0)\s*\)",
     "reads a clock: take the time as an argument"),
    (r"\brandom_device\b|#\s*include\s*<random>|\bs?rand\(|\brandombytes|\bmt19937",
     "uses randomness: take the random value as an argument"),
    (r"#\s*include\s*<(thread|mutex|shared_mutex|condition_variable|future|atomic|semaphore)>"
     r"|\bpthread_",
     "uses threads: the engine decides who runs what"),
    (r"(?i)\bsqlite|libpq|\bPQexec|\b(select\s[^;]*\sfrom|insert\s+into|delete\s+from)\s",
     "knows SQL: only the store does"),
    (r"boost/json|boost::json|nlohmann", "knows JSON: only http and api do"),
    (r"boost/(asio|beast)|boost::(asio|beast)|spdlog"
     r"|#\s*include\s*<(iostream|fstream|filesystem|cstdio)>|\bgetenv\(",
     "does input or output"),
]

# Closing any descriptor of a database's file takes from the process the locks that SQLite has on it.
OPENS_FILES = [
    (r"(?<![\w>])(::)?(open(at)?64|openat|creat|fopen(64)?)\(|(?<![\w>])::open\(|\b[io]?fstream\b|\bfilebuf\b",
     "opens a file: nobody but SQLite may, where the database is"),
]
# Opens the file beside the database that says who has it.
MAY_OPEN_FILES = {"src/store/sqlite/lock_file.cpp"}

# These two check text, and the files in here have to spell out what they look for.
SPELLS_THE_RULES = "tests/tidy/"

LEFTOVERS = [
    (r"\b(TODO|FIXME|XXX)\b", "unfinished: finish it or write it down elsewhere"),
    (r"\bDISABLED_|\bGTEST_SKIP\b|\bpytest\.mark\.skip\b", "a test that does not run"),
    (r"^\s*(//|/\*|#)\s*(TEST(_F|_P)?\s*\(|TYPED_TEST|RC_GTEST_(FIXTURE_)?PROP|def test_)",
     "a test that is commented out"),
]

MACHINE_PATHS = [
    (r"(?<![\w.}/-])/(home|Users)/\w|(?<![\w.}/-])/root/[\w.]|(?<![\w.}/-])/work/",
     "names a folder of somebody's machine"),
]

LOCK_FILES = {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
              "poetry.lock", "uv.lock", "Pipfile.lock", "Cargo.lock"}
ADDRESS = [
    (r"(?i)(\bresolved\b|\btarball\b|\bregistry\b|\bsource\b|\bindex\b|\bsdist\b|\burl\s*=).*?\w+://",
     "names a download address (npm: set omit-lockfile-registry-resolved=true and lock again)"),
]


def is_cpp(path):
    return path.endswith((".h", ".cpp"))


def room_of(path):
    """src/<room>/… → <room>, else None."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def without_comments(text):
    """C++ with its comments blanked; strings stay, and every line keeps its number."""
    token = r'R"(\w*)\((?s:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*(?s:.*?)\*/'

    def blank(match):
        found = match.group()
        return "\n" * found.count("\n") if found[0] == "/" else found

    return re.sub(token, blank, text)


def search(path, text, rules):
    """The problems of one file, given [(pattern, what is wrong)]."""
    return [f"{path}:{number}: {line.strip()[:80]}: {wrong}"
            for pattern, wrong in rules
            for number, line in enumerate(text.split("\n"), 1)
            if re.search(pattern, line)]


def includes(text):
    """[(line, path)] of the includes that may be ours."""
    found = []
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+/[^>]+)>)', line)
        if match:
            found.append((number, match.group(1) or match.group(2)))
    return found


def includes_point_up(files):
    problems = []
    for path, text in files.items():
        room = room_of(path)
        if not is_cpp(path) or room not in MAY_USE:
            continue
        for number, target in includes(text):
            used = target.split("/")[0]
            if ".." in target.split("/"):
                problems.append(f"{path}:{number}: include {target} from src/, without '..'")
            elif used in MAY_USE and used != room and used not in MAY_USE[room]:
                may = ", ".join(r for r in MAY_USE if r in MAY_USE[room]) or "no other room"
                problems.append(f"{path}:{number}: {room} includes {target}; {room} may use {may}")
    return problems


def domain_is_pure(files):
    return [problem for path, text in files.items()
            if is_cpp(path) and room_of(path) == "domain"
            for problem in search(path, without_comments(text), IMPURE)]


def only_sqlite_opens_its_files(files):
    return [problem for path, text in files.items()
            if is_cpp(path) and path.startswith("src/store/sqlite/") and path not in MAY_OPEN_FILES
            for problem in search(path, without_comments(text), OPENS_FILES)]


def files_are_small(files):
    return [f"{path}:{lines}: {lines} lines, at most {LINES_MAX}: probably two things in one file"
            for path, text in files.items()
            if path.startswith(("src/", "tests/")) and path.endswith((".h", ".cpp", ".py"))
            and (lines := len(text.splitlines())) > LINES_MAX]


def headers_are_contracts(files):
    problems = []
    for path, text in files.items():
        if not path.endswith(".h"):
            continue
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if "#pragma once" not in lines:
            problems.append(f"{path}:1: no #pragma once")
        top = [line for line in lines if line != "#pragma once"][:1]
        if not top or not top[0].startswith(("//", "/*")):
            problems.append(f"{path}:1: no comment at the top that says why the file exists")
    return problems


def listed_folders(cmake, function):
    return set(re.findall(rf"^\s*{function}\((\w+)", cmake, re.MULTILINE))


def sources_are_built(files):
    """Every .cpp sits where a CMakeLists.txt looks; every header is included by somebody."""
    lists = {path: text for path, text in files.items() if path.endswith("CMakeLists.txt")}
    every_list = "\n".join(lists.values())
    built = {f"src/{room}/" for room in listed_folders(lists.get("src/CMakeLists.txt", ""),
                                                       "onsale_room")}
    built |= {f"tests/{folder}/" for folder in listed_folders(lists.get("tests/CMakeLists.txt", ""),
                                                              "onsale_tests")}
    if "bench/CMakeLists.txt" in lists:
        built.add("bench/")

    included = set()
    for path, text in files.items():
        if is_cpp(path):
            for _, target in includes(text):
                beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                included |= {f"src/{target}", target, beside}

    problems = []
    for path in filter(is_cpp, files):
        named = re.search(rf"[\s/(\"]{re.escape(posixpath.basename(path))}\b", every_list)
        if path.startswith("src/") and room_of(path) not in MAY_USE:
            problems.append(f"{path}:1: in no room; the rooms are {', '.join(MAY_USE)}")
        elif path.endswith(".cpp") and not path.startswith(tuple(built)) and not named:
            problems.append(f"{path}:1: no CMakeLists.txt builds it")
        elif path.endswith(".h") and path not in included:
            problems.append(f"{path}:1: nobody includes it")
    return problems


def nothing_is_left_over(files):
    return [problem for path, text in files.items()
            if not path.startswith(SPELLS_THE_RULES)
            and posixpath.basename(path) not in LOCK_FILES
            for problem in search(path, text, LEFTOVERS)]


def links_resolve(files):
    problems = []
    folders = {parent for path in files for parent in parents(path)}
    for path, text in files.items():
        if not path.endswith(".md"):
            continue
        for number, target in markdown_links(text):
            if re.match(r"[a-zA-Z][\w+.-]*:|//|#", target) or not target:
                continue
            name = target.split("#")[0].split("?")[0]
            base = "" if name.startswith("/") else posixpath.dirname(path)
            resolved = posixpath.normpath(posixpath.join(base, name.lstrip("/") or "."))
            if resolved not in files and resolved not in folders:
                problems.append(f"{path}:{number}: the link {target} leads nowhere")
    return problems


def parents(path):
    """Every folder above a path, and '.'."""
    while path:
        path = posixpath.dirname(path)
        yield path or "."


def markdown_links(text):
    """[(line, target)], without what stands in code."""
    found = []
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*(```|~~~)", line):
            fenced = not fenced
        if fenced:
            continue
        line = re.sub(r"`[^`]*`", "", line)
        for pattern in (r"\]\(\s*<?([^)\s>]*)", r"^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)",
                        r"\b(?:href|src)=\"([^\"]*)\""):
            found += [(number, target) for target in re.findall(pattern, line)]
    return found


def no_machine_paths(files):
    return [problem for path, text in files.items()
            if not path.startswith(SPELLS_THE_RULES)
            for problem in search(path, text, MACHINE_PATHS)]


def locks_name_no_address(files):
    return [problem for path, text in files.items()
            if posixpath.basename(path) in LOCK_FILES
            for problem in search(path, text, ADDRESS)]


ALL = [includes_point_up, domain_is_pure, only_sqlite_opens_its_files, files_are_small, headers_are_contracts,
       sources_are_built, nothing_is_left_over, links_resolve, no_machine_paths,
       locks_name_no_address]
