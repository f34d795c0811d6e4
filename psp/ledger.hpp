#pragma once

#include "messages/provider_protocol.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace waybill::psp {

/// One idempotency key and what became of it.
struct entry {
  provider_protocol::operation operation;
  /// How many calls came under the key.
  std::uint64_t calls = 0;
  /// The key was closed before a call came.
  bool closed = false;
};
BOOST_DESCRIBE_STRUCT(entry, (), (operation, calls, closed))

/// The money behind one authorisation.
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

/// What a payment provider must get right: a key is done at most once, and no more money moves than was authorised. In
/// memory. Not thread-safe.
class ledger {
public:
  using operation = provider_protocol::operation;
  using operation_request = provider_protocol::operation_request;

  /// Null for a key that is not known. Stays valid.
  entry* find(const std::string& key);

  /// Decides what `what` comes to and writes it down under `key`, which must not be decided yet.
  entry& settle(const std::string& key, const operation_request& what);

  /// Writes down that `key` is under way.
  entry& begin(const std::string& key, const operation_request& what);

  /// Refuses `key` for ever.
  entry& close(const std::string& key);

  /// By key and by reference.
  [[nodiscard]] books contents() const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  std::optional<std::string> refusal(const operation_request& what) const;
  void move_money(operation& done, const operation_request& what);

  std::map<std::string, entry> entries_;
  std::map<std::string, charge> charges_;
};

} // namespace waybill::psp
