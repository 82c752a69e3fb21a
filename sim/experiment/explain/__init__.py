"""What barriers cost (Shapley values of the uptake lost), and a ledger of the weeks of phases."""
