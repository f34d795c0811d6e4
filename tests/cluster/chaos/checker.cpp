#include "tests/cluster/chaos/checker.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace waybill::chaos {

namespace {

bool places(const exchange& one) {
  return one.kind == request_kind::place || one.kind == request_kind::race;
}

bool is_final_word(std::string_view status) {
  return status == "completed" || status == "rejected" || status == "cancelled";
}

std::string describe(const exchange& one) {
  auto text = std::string{word_of(one.kind)} + " " + one.label + " at gateway " + std::to_string(one.gateway + 1) + " ("
              + to_rfc3339(one.began) + " to " + to_rfc3339(one.ended) + "): ";
  text += one.status == 0 ? "no answer" : std::to_string(one.status);
  if (!one.trouble.empty())
    text += " " + one.trouble;
  if (one.seen.size() == 1)
    text += " " + one.seen.front().id + " version " + std::to_string(one.seen.front().version) + " "
            + one.seen.front().status;
  return text;
}

bool may_answer(const exchange& one) {
  switch (one.status) {
    case 0:
    case 503: return true;
    case 200: return !places(one) && one.kind != request_kind::reuse_key;
    case 201: return places(one);
    case 202: return one.kind == request_kind::cancel;
    case 409:
      return one.kind == request_kind::cancel ? one.trouble == "illegal_transition"
                                              : places(one) && one.trouble == "idempotency_in_progress";
    case 422: return one.kind == request_kind::reuse_key && one.trouble == "idempotency_key_reused";
    default: return false;
  }
}

/// By label, the exchanges that were answered with 201.
std::map<std::string, std::vector<const exchange*>> accepted_by_label(const history& seen) {
  std::map<std::string, std::vector<const exchange*>> all;
  for (const auto& one : seen.exchanges)
    if (places(one) && one.status == 201 && !one.seen.empty())
      all[one.label].push_back(&one);
  return all;
}

/// A gateway that takes no connections is one that a load balancer leaves out.
bool failed_in_a_drain(const exchange& one) {
  return one.status >= 500 || (one.status == 0 && !one.trouble.starts_with("connecting to"));
}

} // namespace

std::vector<violation> check_contract(const history& seen) {
  std::vector<violation> found;
  for (const auto& one : seen.exchanges) {
    if (!may_answer(one) && !(one.status == 404 && one.kind != request_kind::list))
      found.push_back({"contract", "an answer that nobody expects: " + describe(one)});
    if (one.status == 503 && !one.has_retry_after)
      found.push_back({"G9", "503 without Retry-After: " + describe(one)});
    if (one.kind == request_kind::read && one.status == 200 && one.etag != one.seen.front().version)
      found.push_back({"contract", "the ETag " + std::to_string(one.etag) + " is not the version: " + describe(one)});
  }
  return found;
}

std::vector<violation> check_keys(const history& seen) {
  std::vector<violation> found;
  for (const auto& [label, answers] : accepted_by_label(seen)) {
    const auto& first = *answers.front();
    const exchange* fresh = nullptr;
    for (const auto* one : answers) {
      if (one->seen.front().id != first.seen.front().id)
        found.push_back({"G3 I6", "one key, two orders: " + describe(first) + "; " + describe(*one)});
      else if (one->digest != first.digest)
        found.push_back({"G3", "one key, two answers: " + describe(first) + "; " + describe(*one)});
      if (one->replayed)
        continue;
      if (fresh != nullptr)
        found.push_back({"G3", "two answers that are no replay: " + describe(*fresh) + "; " + describe(*one)});
      fresh = one;
    }
  }
  return found;
}

std::vector<violation> check_reads(const history& seen) {
  std::vector<violation> found;
  // Lists come from elsewhere than single orders: each is held to itself.
  using view = std::tuple<request_kind, std::size_t, std::size_t, std::string>;
  std::map<view, const exchange*> last;
  std::map<view, sight> best;
  std::vector<const exchange*> in_order;
  for (const auto& one : seen.exchanges)
    if (one.kind == request_kind::read || one.kind == request_kind::list || one.kind == request_kind::history)
      in_order.push_back(&one);
  std::ranges::sort(in_order, {}, [](const exchange* one) { return one->began; });
  for (const auto* one : in_order) {
    if (one->status == 404)
      found.push_back({"reads", "an accepted order is not found: " + describe(*one)});
    if (one->kind == request_kind::history) {
      std::map<std::string, std::uint64_t> versions;
      for (const auto& event : one->seen)
        if (event.version != ++versions[event.id])
          found.push_back({"G6", "a gap before version " + std::to_string(event.version) + " of " + event.id + " in "
                                   + describe(*one)});
      continue;
    }
    for (const auto& order : one->seen) {
      const view key{one->kind, one->gateway, one->reader, order.id};
      const auto before = best.find(key);
      // Two that were under way at once may be answered in any order.
      if (before != best.end() && last[key]->ended <= one->began) {
        if (order.version < before->second.version)
          found.push_back({"reads", "version " + std::to_string(order.version) + " of " + order.id + " after version "
                                      + std::to_string(before->second.version) + ": " + describe(*last[key]) + "; then "
                                      + describe(*one)});
        else if (is_final_word(before->second.status) && order.status != before->second.status)
          found.push_back({"reads", order.id + " was " + before->second.status + " and is " + order.status + ": "
                                      + describe(*last[key]) + "; then " + describe(*one)});
      }
      if (before == best.end() || order.version >= before->second.version) {
        best[key] = order;
        last[key] = one;
      }
    }
  }
  return found;
}

std::vector<violation> check_accepted(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> found;
  for (const auto& [label, answers] : accepted_by_label(seen)) {
    std::set<std::string> ids;
    for (const auto* one : answers) {
      const auto& id = one->seen.front().id;
      if (!ids.insert(id).second)
        continue;
      const auto stream = stores.stream(id);
      if (stream.empty() || stream.front()->version != 1) {
        found.push_back({"G1", "accepted, and not in the log: " + describe(*one)});
        continue;
      }
      const auto first = decode_event<order::event>(stream.front()->type, stream.front()->schema, stream.front()->data);
      const auto* placed = first ? std::get_if<order::placed>(&*first) : nullptr;
      if (placed == nullptr || placed->note != label)
        found.push_back({"G1", "the log has another order under its id: " + describe(*one)});
      const auto row = stores.order_rows.find(id);
      const auto status = row == stores.order_rows.end() ? std::string{"not listed"} : row->second.status;
      if (!is_final_word(status) && status != "needs_attention")
        found.push_back({"I8 G7", id + " is " + status + " long after everything healed: its last event is "
                                    + stream.back()->type + " of " + to_rfc3339(stream.back()->at) + "; "
                                    + describe(*one)});
    }
  }
  return found;
}

namespace {

/// A cancellation under way, 202, is taken back when a courier turns out to be quicker; the order says so afterwards.
bool was_taken_back(const exchange& cancel, const test::stored_contents& stores) {
  const auto& answered = cancel.seen.front();
  const auto stream = stores.stream(answered.id);
  return cancel.status == 202 && answered.status == "cancelling"
         && std::any_of(stream.begin(), stream.end(), [&](const auto* event) {
              return event->version > answered.version && event->type == order::cancel_refused::type;
            });
}

} // namespace

std::vector<violation> check_cancels(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> found;
  for (const auto& one : seen.exchanges) {
    if (one.kind != request_kind::cancel || (one.status != 200 && one.status != 202) || one.seen.empty())
      continue;
    const auto row = stores.order_rows.find(one.seen.front().id);
    const auto status = row == stores.order_rows.end() ? std::string{"not there"} : row->second.status;
    const bool attended = one.status == 202 && status == "needs_attention";
    if (status != "cancelled" && !attended && !was_taken_back(one, stores))
      found.push_back({"cancel", "the order is " + status + " in the end: " + describe(one)});
  }
  return found;
}

std::vector<violation> check_processes(const history& seen) {
  std::vector<violation> found;
  // A node may refuse to start without its database: whoever looks after it starts it again.
  for (const auto& one : seen.ended)
    if (!one.asked && one.served)
      found.push_back({"processes", one.node + " ended by itself at " + to_rfc3339(one.at) + " with "
                                      + std::to_string(one.code) + ": " + one.last_words});
    else if (one.asked && one.code != 0)
      found.push_back({"drain", one.node + " was asked to end and ended with " + std::to_string(one.code) + " at "
                                  + to_rfc3339(one.at) + ": " + one.last_words});
  for (const auto& node : seen.not_ready)
    found.push_back({"processes", node});
  return found;
}

std::vector<violation> check_drains(const history& seen) {
  std::vector<violation> found;
  for (const auto& drain : seen.incidents) {
    if (!drain.alone || !drains(drain.what.kind))
      continue;
    for (const auto& one : seen.exchanges)
      if (one.began >= drain.began && one.began <= drain.healed && failed_in_a_drain(one))
        found.push_back({"drain", "during '" + describe(drain.what) + "': " + describe(one)});
  }
  return found;
}

std::vector<violation> check_all(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> all;
  for (auto&& part : {check_contract(seen), check_keys(seen), check_reads(seen), check_accepted(seen, stores),
                      check_cancels(seen, stores), check_followers(seen, stores), check_processes(seen),
                      check_freshness(seen), check_restored(seen), check_foreign(seen),
                      check_revoked(seen, schedule_settings{}.revoked_within), check_pasts(seen)})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace waybill::chaos
