"""The checks checked: each must find what is wrong in made-up files, and only that."""

import pytest

import tidy_checks as t

CMAKE = {"src/CMakeLists.txt": "onsale_room(domain)\nadd_executable(onsale app/main.cpp)\n",
         "tests/CMakeLists.txt": "onsale_tests(domain LINK onsale_domain)\n"}

# check, file, text, what the one problem says
BAD = [
    (t.includes_point_up, "src/domain/a.cpp", '#include "store/store.h"\n', "domain includes store/"),
    (t.includes_point_up, "src/store/a.h", "\n#include <engine/engine.h>\n", "a.h:2: store includes"),
    (t.includes_point_up, "src/engine/a.h", '# include "http/server.h"\n', "may use domain, store"),
    (t.includes_point_up, "src/http/a.h", '#include "domain/types.h"\n', "no other room"),
    (t.includes_point_up, "src/api/v1/a.cpp", '#include "app/config.h"\n', "api includes"),
    (t.includes_point_up, "src/domain/a.h", '#include "../store/store.h"\n', "without '..'"),

    (t.domain_is_pure, "src/domain/a.cpp", "auto t = std::chrono::system_clock::now();", "clock"),
    (t.domain_is_pure, "src/domain/a.cpp", "using C = std::chrono::steady_clock;", "clock"),
    (t.domain_is_pure, "src/domain/a.cpp", "long t = time(nullptr);", "clock"),
    (t.domain_is_pure, "src/domain/a.cpp", "std::random_device device;", "randomness"),
    (t.domain_is_pure, "src/domain/a.h", "#include <random>", "randomness"),
    (t.domain_is_pure, "src/domain/a.h", "#include <thread>", "threads"),
    (t.domain_is_pure, "src/domain/a.h", "#include <mutex>", "threads"),
    (t.domain_is_pure, "src/domain/a.h", "#include <sqlite3.h>", "SQL"),
    (t.domain_is_pure, "src/domain/a.cpp", 'auto q = "SELECT id FROM seat WHERE x";', "SQL"),
    (t.domain_is_pure, "src/domain/a.h", "#include <boost/json.hpp>", "JSON"),
    (t.domain_is_pure, "src/domain/a.h", "#include <boost/asio.hpp>", "input or output"),

    (t.only_sqlite_opens_its_files, "src/store/sqlite/a.cpp", "int fd = ::open(path, 0);", "opens a file"),
    (t.only_sqlite_opens_its_files, "src/store/sqlite/a.cpp", "std::ifstream file(path);", "opens a file"),
    (t.only_sqlite_opens_its_files, "src/store/sqlite/a.cpp", "auto* f = fopen(path, mode);", "opens a file"),

    (t.files_are_small, "src/api/a.cpp", "x\n" * 501, "501 lines"),
    (t.files_are_small, "tests/e2e/test_a.py", "x\n" * 501, "501 lines"),

    (t.headers_are_contracts, "src/http/a.h", "// Why.\nint a();\n", "no #pragma once"),
    (t.headers_are_contracts, "src/http/a.h", "#pragma once\n#include <a>\n// Late.\n", "no comment"),
    (t.headers_are_contracts, "src/http/a.h", "#pragma once\n", "no comment"),

    (t.sources_are_built, "src/cellar/a.cpp", "", "in no room"),
    (t.sources_are_built, "src/a.cpp", "", "in no room"),
    (t.sources_are_built, "src/store/a.cpp", "", "no CMakeLists.txt builds it"),
    (t.sources_are_built, "tests/cellar/a_test.cpp", "", "no CMakeLists.txt builds it"),
    (t.sources_are_built, "bench/a.cpp", "", "no CMakeLists.txt builds it"),
    (t.sources_are_built, "src/domain/a.h", "", "nobody includes it"),

    (t.nothing_is_left_over, "src/api/a.cpp", "int a;  // TODO: b", "unfinished"),
    (t.nothing_is_left_over, "docs/a.md", "FIXME", "unfinished"),
    (t.nothing_is_left_over, "dev", "# XXX why", "unfinished"),
    (t.nothing_is_left_over, "tests/api/a.cpp", "TEST(A, DISABLED_b) {}", "does not run"),
    (t.nothing_is_left_over, "tests/api/a.cpp", "  GTEST_SKIP();", "does not run"),
    (t.nothing_is_left_over, "tests/e2e/test_a.py", "@pytest.mark.skip()", "does not run"),
    (t.nothing_is_left_over, "tests/api/a.cpp", "// TEST(A, b) {", "commented out"),
    (t.nothing_is_left_over, "tests/api/a.cpp", "  //TEST_F(A, b) {", "commented out"),
    (t.nothing_is_left_over, "tests/e2e/test_a.py", "# def test_a():", "commented out"),

    (t.links_resolve, "docs/a.md", "[b](b.md)", "b.md leads nowhere"),
    (t.links_resolve, "docs/a.md", "![b](../c/b.png#top)", "leads nowhere"),
    (t.links_resolve, "docs/a.md", "[b](/docs/b.md)", "leads nowhere"),
    (t.links_resolve, "docs/a.md", "a\n\n[b]: b.md", "a.md:3:"),
    (t.links_resolve, "README.md", '<img src="docs/b.png">', "leads nowhere"),

    (t.no_machine_paths, "docs/a.md", "cd /home/ann/onsale", "somebody's machine"),
    (t.no_machine_paths, "tests/e2e/test_a.py", 'ROOT = "/work/main"', "somebody's machine"),
    (t.no_machine_paths, "a.sh", "source /root/.profile", "somebody's machine"),

    (t.locks_name_no_address, "web/package-lock.json",
     '"resolved": "https://registry.example/a/-/a-1.0.0.tgz",', "download address"),
    (t.locks_name_no_address, "web/yarn.lock", '  resolved "http://registry.example/a.tgz"', "download"),
    (t.locks_name_no_address, "web/pnpm-lock.yaml", "resolution: {tarball: https://a.example/a.tgz}",
     "download address"),
    (t.locks_name_no_address, "uv.lock", 'source = { registry = "https://a.example/simple" }',
     "download address"),
]

# What looks wrong and is not: check, files
GOOD = [
    (t.includes_point_up, {"src/api/a.cpp": '#include "engine/engine.h"\n#include "api/b.h"\n'
                                            '#include <boost/asio.hpp>\n#include <vector>\n',
                           "src/domain/a.h": '// #include "store/store.h"\n',
                           "src/app/main.cpp": '#include "api/b.h"\n#include "sim/c.h"\n'}),
    (t.domain_is_pure, {"src/domain/a.h": "// Not sqlite's: no <thread>, no system_clock::now().\n"
                                          "/* steady_clock\n boost/json */\n"
                                          "using Timestamp = std::chrono::sys_time<milliseconds>;\n"
                                          "void select(Seats from, Price operand(int));\n",
                        "src/engine/a.h": "#include <thread>\n"}),
    (t.only_sqlite_opens_its_files, {"src/store/sqlite/a.cpp": "// No ::open( here.\nint open(int a);\n",
                                     "src/store/sqlite/lock_file.cpp": "::open(name, flags)",
                                     "src/app/a.cpp": "std::ofstream a;"}),
    (t.files_are_small, {"src/api/a.cpp": "x\n" * 500, "web/a.ts": "x\n" * 900}),
    (t.headers_are_contracts, {"src/api/a.h": "// Why.\n#pragma once\n",
                               "src/api/b.h": "#pragma once\n\n/// Why.\n"}),
    (t.sources_are_built, {**CMAKE, "src/app/main.cpp": "", "src/domain/a.h": "",
                           "src/domain/b.cpp": '#include "domain/a.h"',
                           "tests/domain/a_test.cpp": '#include "tests/support/c.h"',
                           "tests/support/c.h": ""}),
    (t.nothing_is_left_over, {"src/a.cpp": 'mkstemp("aXXXXXX"); // a TEST of todo lists',
                              "tests/e2e/test_a.py": "@pytest.mark.skipif(True)"}),
    (t.links_resolve, {"docs/a.md": "[b](b.md#c) [d](../dev) [e](https://a.example/b) [f](#g)\n"
                                    "[g](.) [h](../) `[i](j)`\n```\n[k](l)\n```\n",
                       "docs/b.md": "", "dev": ""}),
    (t.no_machine_paths, {"a.md": "https://a.example/home/b and src/work/a and ~/.config"}),
    (t.locks_name_no_address, {"web/package-lock.json": '"funding": {"url": "https://a.example"}',
                               "docs/a.md": '"resolved": "https://a.example/a.tgz"'}),
]


def name(value):
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("check, path, text, says", BAD, ids=name)
def test_finds(check, path, text, says):
    problems = check({**CMAKE, path: text})
    assert len(problems) == 1
    assert problems[0].startswith(path + ":") and says in problems[0]


@pytest.mark.parametrize("check, files", GOOD, ids=name)
def test_accepts(check, files):
    assert check(files) == []


def test_every_check_is_tried_both_ways():
    assert {check for check, *_ in BAD} == {check for check, _ in GOOD} == set(t.ALL)
