#pragma once

#include "messages/cluster/cluster.hpp"
#include "messages/type_ids.hpp"

#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <tuple>

namespace waybill {

/// Sorted by type and id, or the fullest mailbox first; at most `limit`.
inline void arrange(actor_list& list, bool by_mailbox, std::uint32_t limit) {
  std::ranges::sort(list.actors, [by_mailbox](const actor_entry& a, const actor_entry& b) {
    if (by_mailbox && a.mailbox != b.mailbox)
      return a.mailbox > b.mailbox;
    return std::tie(a.type, a.id) < std::tie(b.type, b.id);
  });
  if (list.actors.size() > limit)
    list.actors.resize(limit);
}

/// Asks several actors for their lists and answers when all have answered; one that fails is left out. Belongs to one
/// actor.
template <class Self>
class actor_gathering {
public:
  actor_gathering(Self* self, const list_actors& query) : self_(self), all_(std::make_shared<answers>()) {
    all_->query = query;
    all_->promise = self->template make_response_promise<actor_list>();
  }

  template <class Handle, class Query>
  void ask(const Handle& receiver, milliseconds timeout, const Query& query) {
    ++all_->missing;
    self_->request(receiver, timeout, query)
      .then(
        [all = all_](actor_list& part) {
          all->list.total += part.total;
          std::ranges::move(part.actors, std::back_inserter(all->list.actors));
          all->count_down();
        },
        [all = all_](const caf::error&) { all->count_down(); });
  }

  /// To be called once all are asked.
  caf::typed_response_promise<actor_list> answer() {
    auto promise = all_->promise;
    all_->count_down();
    return promise;
  }

private:
  struct answers {
    list_actors query;
    caf::typed_response_promise<actor_list> promise;
    actor_list list;
    /// Counts the asking itself, so that no answer can come too early.
    std::size_t missing = 1;

    void count_down() {
      if (--missing > 0)
        return;
      arrange(list, query.by_mailbox, query.limit);
      promise.deliver(std::move(list));
    }
  };

  Self* self_;
  std::shared_ptr<answers> all_;
};

} // namespace waybill
