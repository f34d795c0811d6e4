#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

/// What the two ends of a plain connection say to each other before any byte of CAF's. They take turns:
///
///     connects: hello ............................ trusts, or a refusal
///     accepts:  .......... trusts, or a refusal
///
/// The end that accepts does not wait for the hello, which is for servers of other protocols: they hang up at once. The
/// end that connects waits for the answer, because before it is accepted its peer belongs to nobody.
namespace waybill {

struct preface {
  enum class kind : std::uint8_t {
    hello = 1,
    trusts = 2,
    /// The receiver is a process of a user to whom the sender does not talk.
    refuses_user = 3,
    /// The sender cannot learn whose process the receiver is.
    refuses_unknown = 4,
  };

  kind meaning = kind::hello;
  /// The sender's user, as it says itself: for explanations only.
  std::uint32_t user = 0;
};

/// Eight bytes that name the protocol and its version, the kind, three zeros, the user in network order.
inline constexpr std::size_t preface_size = 16;
using preface_bytes = std::array<char, preface_size>;

preface_bytes to_bytes(const preface& said);

/// Nothing when the sender speaks another protocol, or another version of this one.
std::optional<preface> parse_preface(const preface_bytes& heard);

} // namespace waybill
