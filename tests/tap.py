"""TAP of the Python tests: one line for each case, its problems beneath it.

    tap = Tap()
    tap.case("nothing is lost", [] if kept else [f"{path} is gone"])
    tap.end()
"""
import sys

SHOWN_PROBLEMS = 20


class Tap:
    def __init__(self):
        self.n_cases = 0
        self.n_failures = 0

    def case(self, name, problems):
        self.n_cases += 1
        self.n_failures += bool(problems)
        print(f"{'not ' if problems else ''}ok {self.n_cases} - {name}", flush=True)
        for problem in problems[:SHOWN_PROBLEMS]:
            print("# " + str(problem).replace("\n", "\n# "), flush=True)

    def end(self):
        print(f"1..{self.n_cases}")
        sys.exit(1 if self.n_failures else 0)
