#pragma once

#include "domain/base/result.hpp"
#include "domain/diagnosis/recorded_event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The check before an upgrade: the events of exported orders are folded by this program and the outcome is compared
/// with what the program that exported them had.
namespace waybill::diagnosis {

/// The state of one stream, as its clients may see it. JSON.
struct exported_state {
  std::string stream;
  std::uint64_t version = 0;
  std::string state;
};

struct exported_order {
  std::string id;
  /// The version of the program that exported it.
  std::string program;
  record events;
  std::vector<exported_state> states;
};

/// The form of an export that this program writes; it reads this and all before.
inline constexpr std::uint64_t export_version = 1;

/// Reads what order_export wrote. Fails with ec::unreadable; the detail says what is wrong.
result<exported_order> read_export(std::string_view json);

/// Something that this program does not make as the other one did. `pointer` into the state, or empty for an event that
/// cannot be read; both values are JSON or a sentence.
struct deviation {
  std::string stream;
  std::string pointer;
  std::string exported;
  std::string replayed;
};

/// How amounts stand in deviations: as programs have them, or with the decimals of their currency.
enum class amounts : std::uint8_t { minor_units, readable };

/// Empty when all of the outcome is the same.
std::vector<deviation> replay(const exported_order& order, amounts shown = amounts::minor_units);

} // namespace waybill::diagnosis
