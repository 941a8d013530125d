"""`make bench`: run every benchmark of this folder, one after the other, each against its peers in the same run."""

import importlib
import pkgutil
import sys

import tests.benchmarks


def main() -> int:
    """Run all `bench_*` modules (or those named) and say which failed."""
    wanted = sys.argv[1:]
    failed = []
    for info in pkgutil.iter_modules(tests.benchmarks.__path__):
        if info.name.startswith("bench_") and (not wanted or info.name.removeprefix("bench_") in wanted):
            print(f"\n== {info.name}", flush=True)
            if importlib.import_module(f"tests.benchmarks.{info.name}").main():
                failed.append(info.name)
    print("\nfailed: " + ", ".join(failed) if failed else "\nall benchmarks ran")
    return bool(failed)


sys.exit(main())
