#include "actors/stock/product_entity.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "messages/failures.hpp"

#include <utility>

/// Adjustments of the stock that have an id: each is done once, and answered as it was first (G3). The row of an
/// adjustment is written together with its event.
namespace waybill {

caf::result<stock_adjusted_once> product_entity::on_adjust_once(const adjust_stock_once& command) {
  if (const auto first = adjusting_.find(command.adjustment); first != adjusting_.end()) {
    if (first->second.delta != command.delta || first->second.reason != command.reason)
      return to_error({ec::idempotency_key_reused, "the key was used before with another body"});
    return to_error({ec::idempotency_in_progress, "the first request with this key is still under way"});
  }
  adjusting_.emplace(command.adjustment, command);
  auto answer = make_reply<stock_adjusted_once>();
  ++look_ups_;
  self()
    ->request(services().reader, bounded_elsewhere, find_stock_adjustment{id(), command.adjustment.value})
    .then(
      [this, answer, command](const found_stock_adjustment& found) mutable {
        --look_ups_;
        if (found.adjustment)
          answer_again(command, *found.adjustment, answer);
        else
          carry_out_adjustment(command, answer);
      },
      [this, answer, command](const caf::error& reason) mutable {
        --look_ups_;
        end_adjustment(command.adjustment);
        answer.deliver(to_failure(reason));
        end_if_retired();
      });
  return answer.promise();
}

void product_entity::answer_again(const adjust_stock_once& command, const stock_adjustment_row& known,
                                  reply<stock_adjusted_once> answer) {
  end_adjustment(command.adjustment);
  const auto first_answer = decode<product_view>(known.answer);
  if (known.delta != command.delta || known.reason != command.reason)
    answer.deliver(failure{ec::idempotency_key_reused, "the key was used before with another body"});
  else if (!first_answer)
    answer.deliver(first_answer.error());
  else
    answer.deliver(stock_adjusted_once{*first_answer, true});
  end_if_retired();
}

void product_entity::carry_out_adjustment(const adjust_stock_once& command, reply<stock_adjusted_once> answer) {
  new_adjustments_.insert(command.adjustment);
  execute(
    product::adjust{command.delta, command.reason, command.adjustment}, command.origin,
    [this, answer, adjustment = command.adjustment](const outcome& known) mutable {
      const auto decided = adjusted_.find(adjustment);
      if (known.error)
        answer.deliver(*known.error);
      else
        answer.deliver(stock_adjusted_once{decided == adjusted_.end() ? view() : decided->second, false});
      end_adjustment(adjustment);
    },
    command.expected_version);
}

void product_entity::end_adjustment(const adjustment_id& adjustment) {
  adjusting_.erase(adjustment);
  new_adjustments_.erase(adjustment);
  adjusted_.erase(adjustment);
}

void product_entity::describe_adjustment(append& request, const product::stock_adjusted& event) {
  if (!event.adjustment)
    return;
  const auto& answer = adjusted_.insert_or_assign(*event.adjustment, view()).first->second;
  request.rows.emplace_back(
    stock_adjustment_row{id(), event.adjustment->value, event.delta, event.reason, encode(answer)});
}

} // namespace waybill
