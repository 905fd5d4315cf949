"""Mistakes that a type checker must refuse, each on the line that says so."""

import costeff

study = costeff.load("tki2")
result = study.psa(draws=100)
evaluation = result.perspective("municipal")

study.one_way("municipal", individuls=3)  # refused: a misspelt keyword
study.two_way("a", "b", "municipal", batchs=3)  # refused: a misspelt keyword
study.threshold("a", indviduals=3)  # refused: a misspelt keyword
study.scenario_table(["no_effect"], sed=3)  # refused: a misspelt keyword
study.psa(draw=100)  # refused: a misspelt keyword
study.psa(draws="100")  # refused: a wrong type
study.psa(method="sobel")  # refused: a wrong literal
study.run(engine="microsimulation")  # refused: a wrong literal
study.one_way("municipal", engine="cohorts")  # refused: a wrong literal
study.one_way("municipal", on="nmb")  # refused: a wrong literal
study.gsa("moris")  # refused: a wrong literal
study.gsa("sobol", sizes=8)  # refused: a misspelt keyword
study.subgroups("diagnosis", draw=10)  # refused: a misspelt keyword
result.perspective("municipal", effects="qaly")  # refused: a misspelt keyword
result.advice(budgets=3.0)  # refused: a misspelt keyword
result.study_value("tki2_trial", 0, particpants=[20])  # refused: a misspelt keyword
result.tornado(perspectiv="municipal")  # refused: a misspelt keyword
evaluation.evpi(populaton=100)  # refused: a misspelt keyword
evaluation.gsa("sobol")  # refused: a wrong literal
evaluation.gsa("pawn", result="icer")  # refused: a wrong literal
evaluation.convergence(300_000, result="icer")  # refused: a wrong literal
evaluation.mixed_strategy(300_000)  # refused: shares are missing
evaluation.calc_nmb(300_000)  # refused: no such method
costeff.read_psa("draws.csv", strategy=["a"])  # refused: a misspelt keyword
costeff.read_psa("draws.csv", price_year="2026")  # refused: a wrong type
costeff.invest("tki2-aarhus-investment", draw=200)  # refused: a misspelt keyword
costeff.load("tki2", "da")  # refused: a second argument
