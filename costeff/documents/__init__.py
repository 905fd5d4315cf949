"""The one reader of YAML files, for models, parameters, scenarios, cases, rules, designs and targets. Rank 2."""
