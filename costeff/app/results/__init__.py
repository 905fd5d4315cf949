"""What a case's file gives: from kept quantities at once where prices changed, from a simulation where lives did."""
