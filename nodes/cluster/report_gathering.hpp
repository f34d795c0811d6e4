#pragma once

#include "messages/cluster/node_report.hpp"
#include "messages/type_ids.hpp"

#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace waybill {

/// Asks nodes for their reports and answers when all have answered; one that fails is named as missing. Belongs to one
/// actor.
template <class Self>
class report_gathering {
public:
  explicit report_gathering(Self* self) : self_(self), all_(std::make_shared<answers>()) {
    all_->promise = self->template make_response_promise<node_reports>();
  }

  /// `node` is the name of the one that is asked.
  template <class Handle>
  void ask(const Handle& receiver, std::string node, milliseconds timeout) {
    ++all_->missing;
    self_->request(receiver, timeout, get_node_report{})
      .then(
        [all = all_](node_report& report) {
          all->reports.nodes.push_back(std::move(report));
          all->count_down();
        },
        [all = all_, node = std::move(node)](const caf::error&) {
          all->reports.missing.push_back(node);
          all->count_down();
        });
  }

  /// Takes what another one has gathered, too.
  template <class Handle>
  void gather(const Handle& receiver, milliseconds timeout) {
    ++all_->missing;
    self_->request(receiver, timeout, gather_node_reports{})
      .then(
        [all = all_](node_reports& others) {
          std::ranges::move(others.nodes, std::back_inserter(all->reports.nodes));
          std::ranges::move(others.missing, std::back_inserter(all->reports.missing));
          all->count_down();
        },
        [all = all_](const caf::error&) { all->count_down(); });
  }

  void miss(std::string node) { all_->reports.missing.push_back(std::move(node)); }

  /// To be called once all are asked.
  caf::typed_response_promise<node_reports> answer() {
    auto promise = all_->promise;
    all_->count_down();
    return promise;
  }

private:
  struct answers {
    caf::typed_response_promise<node_reports> promise;
    node_reports reports;
    /// Counts the asking itself, so that no answer can come too early.
    std::size_t missing = 1;

    void count_down() {
      if (--missing == 0)
        promise.deliver(std::move(reports));
    }
  };

  Self* self_;
  std::shared_ptr<answers> all_;
};

} // namespace waybill
