# Writes tests/trial/data/register.sas7bdat from register.csv beside it, for tests/trial/test_intake.py:
#
#     apt-get install r-cran-haven && Rscript tests/oracles/haven.R        (R 4.2.2, haven 2.5.1)
#
# Nothing in Python writes this form; haven calls its own writer experimental.
register <- read.csv2("tests/trial/data/register.csv")
haven::write_sas(register, "tests/trial/data/register.sas7bdat")
