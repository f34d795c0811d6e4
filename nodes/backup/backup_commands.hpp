#pragma once

#include <string>
#include <vector>

namespace waybill {

/// `waybill backup --to=<folder>` and `waybill restore --from=<folder>`, with the options of the node whose database it
/// is. For PostgreSQL they say what to do, and do nothing. The exit code: 0 when it is done, 1 when it is not or when
/// the audit found something, 2 for a wrong command line.
int backup_command(const std::vector<std::string>& words);
int restore_command(const std::vector<std::string>& words);

} // namespace waybill
