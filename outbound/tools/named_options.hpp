#pragma once

#include "domain/base/result.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <string>
#include <vector>

namespace waybill::outbound {

/// Reads the options of a command and stores their values where `named` says. A name has to be written out, as those of
/// `waybill node`: `--tok` is not `--token`, and gets a "did you mean". Words that are no options go to `positional`.
/// Fails with ec::invalid_argument and one line.
result<boost::program_options::variables_map>
read_options(const std::vector<std::string>& words, const boost::program_options::options_description& named,
             const boost::program_options::positional_options_description& positional = {});

} // namespace waybill::outbound
