#pragma once

#include "shell/run/executor.hpp"
#include "shell/views/render.hpp"

namespace waybill::shell {

/// Prints the answer, or tells why there is none.
template <class Answer>
int executor::show(const result<Answer>& answer) {
  if (answer.has_error())
    return complain(answer.error());
  return print(render(*answer, format_));
}

} // namespace waybill::shell
