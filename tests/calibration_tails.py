"""Whether heavy tails pay: sources that err by a Student t, judged with each source left out; too slow for the suite.

    python tests/calibration_tails.py [--resume FOLDER]

What the prior is and why (written before it was scored): each source has one factor on the SD of all its effects, so
that these are Student t with 5 degrees of freedom. Five, since how far several sources of the same thing lie apart
differs from thing to thing: SDs on the logit of 0.31, 0.35, 0.30, 0.11, 0.54, 0.10, 0.18, 0.19, 0.26, 0.32, 0.25, 0.8,
0.50 and 0.30 stand in the evidence, and normals of such SDs have the kurtosis 3 mean(s^4) / mean(s^2)^2 = 7.2, that of
a t with 5.4 degrees of freedom. The scale is such that the variance stays that of the normal. The second try gives each
figure such a factor on its own discrepancy of 0.2 instead. A try is kept only if the log density of sources left out
rises by 2 or more; with two tries and no others there is little to pick from.

z is what a standard normal has at the predictive distribution's probability of the published figure.
"""
