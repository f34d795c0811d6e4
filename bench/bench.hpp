#pragma once

#include <string>
#include <vector>

namespace waybill::bench {

/// `waybill bench ...`; `args` are the words behind `bench`. Blocks; writes the result as JSON to standard output.
/// Answers with the exit code: 0 measured, 1 orders or requests failed, 2 usage, 8 the server cannot be reached.
int bench_main(std::vector<std::string> args);

} // namespace waybill::bench
