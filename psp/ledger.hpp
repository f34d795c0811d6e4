#pragma once

#include "messages/provider_protocol.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace waybill::psp {

/// An idempotency key and its operation.
struct entry {
  provider_protocol::operation operation;
  /// How many calls came under the key.
  std::uint64_t calls = 0;
  /// The key was closed before a call came.
  bool closed = false;
};
BOOST_DESCRIBE_STRUCT(entry, (), (operation, calls, closed))

/// The money of one authorisation.
struct charge {
  std::string reference;
  std::string payment;
  money authorized;
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  bool voided = false;
};
BOOST_DESCRIBE_STRUCT(charge, (), (reference, payment, authorized, captured, refunded, voided))

struct books {
  std::vector<entry> entries;
  std::vector<charge> charges;
};
BOOST_DESCRIBE_STRUCT(books, (), (entries, charges))

/// Guarantees that a key has an effect at most once, and that no more money moves than was authorised. In memory. Not
/// thread-safe.
class ledger {
public:
  using operation = provider_protocol::operation;
  using operation_request = provider_protocol::operation_request;

  /// Null for an unknown key. The pointer stays valid.
  entry* find(const std::string& key);

  /// Decides the request and records the result under `key`, which must not be decided yet.
  entry& settle(const std::string& key, const operation_request& request);

  /// Records `key` as pending.
  entry& begin(const std::string& key, const operation_request& request);

  /// Records that `key` is refused for ever.
  entry& close(const std::string& key);

  /// By key and by reference.
  [[nodiscard]] books contents() const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  std::optional<std::string> refusal(const operation_request& request) const;
  void move_money(operation& done, const operation_request& request);

  std::map<std::string, entry> entries_;
  std::map<std::string, charge> charges_;
};

} // namespace waybill::psp
