/// Headers that most tests include and that do not change here, compiled once for all of them: a third of the time of a
/// test's source. No file depends on it; -DWAYBILL_PRECOMPILED=OFF builds without.

#include <caf/all.hpp>
#include <caf/test/bdd_dsl.hpp>
// Each suite says its own.
#undef CAF_SUITE
// No test uses it, and our headers, which come later here only, have a word of that name.
#undef allow

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>
