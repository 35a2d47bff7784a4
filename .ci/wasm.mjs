// Runs unittest on the Python in the folder given: node wasm.mjs .wasm [name of a test]...
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const [wasm, ...names] = process.argv.slice(2);
const pyodide = resolve(wasm, "node_modules/pyodide/pyodide.mjs");

const OPTIONS = {
  // As everywhere; but its own event loop's policy is one that Python 3.14 deprecates.
  args: ["-X", "dev", "-W", "error", "-W", "ignore::DeprecationWarning:pyodide.webloop"],
  env: { PYTHONPATH: "/project", PYTHONDONTWRITEBYTECODE: "1" },
  fsInit: async (FS, { sitePackages }) => {
    for (const [here, there] of [[project, "/project"], [resolve(wasm, "site"), sitePackages]]) {
      FS.mkdirTree(there);
      FS.mount(FS.filesystems.NODEFS, { root: here }, there);
    }
    FS.chdir("/project");
  },
};

const SUITE = `
import collections, platform, unittest
print("Python", platform.python_version(), "on", platform.platform(), flush=True)
result = unittest.main(module=None, argv=["unittest", *names], exit=False).result
# Of a test with subtests, a part may be skipped.
parts = sum(hasattr(each, "test_case") for each, _ in result.skipped)
whole = len(result.skipped) - parts
print(f"{result.testsRun - whole} tests ran; {whole} did not, and {parts} parts of those that ran:")
for why, times in collections.Counter(why for _, why in result.skipped).most_common():
    print(f"{times:5} skipped: {why}")
int(not (result.wasSuccessful() and result.testsRun > whole))
`;

try {
  const { loadPyodide } = await import(pathToFileURL(pyodide));
  const python = await loadPyodide(OPTIONS);
  python.globals.set("names", python.toPy(names));
  // To exit is to leave behind what waits for a turn of an event loop that will not come.
  process.exit(python.runPython(SUITE));
} catch (error) {
  // Uncaught, it would be printed with all of the interpreter in one line.
  console.error(error.message);
  process.exit(1);
}
