package io.millrace.samples.batch;

/** A line of items.csv. The setters are for the reader, which fills it by name. */
public class Item {

	private String name;

	private int amount;

	public String getName() {
		return name;
	}

	public void setName(String name) {
		this.name = name;
	}

	public int getAmount() {
		return amount;
	}

	public void setAmount(int amount) {
		this.amount = amount;
	}
}
